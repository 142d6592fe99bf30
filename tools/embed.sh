#!/bin/sh
# Prints the files named as rows of a C table: {"std/x.lig", text, length}.
for file in "$@"; do
    printf '{"%s", (const unsigned char[]){' "$file"
    od -An -v -tu1 "$file" | tr -s ' \n' ',,' | sed 's/^,//'
    printf '0}, %s},\n' "$(wc -c <"$file" | tr -d ' ')"
done
