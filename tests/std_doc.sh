#!/bin/sh
# `ligature doc`, and that docs/std.md is what `make docs` makes of it.
. "$(dirname "$0")/tap.sh"
top=$here/..
export LIGATURE_DISK_CACHE=never

exits() { # code, words on standard error, arguments...
    want=$1
    words=$2
    shift 2
    "$ligature" doc "$@" >out 2>err
    code=$?
    cat err
    [ "$code" = "$want" ] && [ ! -s out ] && grep -q "$words" err
}

cd "$temp" || exit 1
"$ligature" doc std >pages
cat "$top/tools/std-doc.md" pages >page
holds "docs/std.md is up to date: else run make docs" \
    diff -u "$top/docs/std.md" page

cat >service.lig <<'E'
// What a service is, and how
// it is made.

/// A port of a host.
export type Port = Integer where x > 0 && x <= 65535;

export type Name = String;

/// One service.
///
/// With a name.
export type Service = {
  name: Name,
  port: Port,
};

/// Makes a service.
/// > service "web" 80  =>  { name = "web", port = 80 }
export let service (name: Name) (port: Port): Service = { name, port };

/// Twice as much.
export let double n = n * 2;

/// The first one.
export let first: Service = service "a" 1;

export let undocumented = 1;

/// Nobody's business.
let _hidden = 2;

/// Where it runs.
input region: String = "eu";

/// Where it runs, as text.
export let where' = "in \(region)";
E
cat >want <<'E'
## service.lig

What a service is, and how
it is made.

```
type Name = String;
```

### Port

A port of a host.

```
type Port = Integer where x > 0 && x <= 65535;
```

### Service

One service.

With a name.

```
type Service = {
  name: Name,
  port: Port,
};
```

### service

Makes a service.

```
service (name: Name) (port: Port): Service
service "web" 80  =>  { name = "web", port = 80 }
```

### double

Twice as much.

```
double : Num a => a -> a
```

### first

The first one.

```
first : Service
```

### region

Where it runs.

```
input region: String = "eu";
```

### where'

Where it runs, as text.

```
where' : String
```
E
"$ligature" doc service.lig >found 2>err
holds "the page of a file" diff -u want found
"$ligature" doc - <service.lig >found 2>err
sed 's/## service.lig/## <stdin>/' want >stdin
holds "the page of standard input" diff -u stdin found
"$ligature" doc service.lig -o written 2>err
holds "--output" diff -u want written
printf '["A", {"B": 1}]' >mixed.json
printf 'import "./mixed.json" as x: List T;\ntype T = A | B Integer;\n%s\n%s\n' \
    '/// Both.' 'let data = x;' >mixed.lig
"$ligature" doc mixed.lig >found 2>err
holds "data is read at the type of its import alone" \
    grep -q "^data : List T$" found
cat >prose.lig <<'E'
/// A list:
///
/// - one
///   goes on
/// ~~~
/// let a = 1;
///
///
///   b
/// ~~~
/// ``` left open
export let a = 1;
E
cat >want <<'E'
## prose.lig

### a

A list:

- one
  goes on
~~~
let a = 1;


  b
~~~
``` left open
```

```
a : Integer
```
E
"$ligature" doc prose.lig >found 2>err
holds "lists and blocks of code keep their lines" diff -u want found
mkdir -p lib
printf '/// One.\nlet a = 1;\nexport { a as b };\n' >lib/x.lig
printf '/// Two.\nlet a = 2;\n' >lib/y.lig
"$ligature" doc lib >found 2>err
holds "the pages of a folder" grep -qF \
    'Modules: [lib/x.lig](#libxlig), [lib/y.lig](#libylig).' found
holds "a name that is exported as another one" grep -q '^b : Integer' found
"$ligature" doc std.path >found 2>err
holds "a module of std" grep -q '^## std.path$' found
holds "no other one" sh -c '[ "$(grep -c "^## " found)" = 1 ]'
holds "nothing on standard error" test ! -s err
printf 'let x = 1 + "a";\n' >bad.lig
holds "a file with an error" exits 1 'E0203' bad.lig
holds "a missing file" exits 3 'nowhere.lig' nowhere.lig
holds "a missing module of std" exits 1 "did you mean 'std.map'" std.mapp
holds "files and modules of std" exits 2 'not both' std.map service.lig
holds "no file" exits 2 'no file given'
holds "a file that cannot be written" exits 3 'cannot be written' service.lig \
    -o no/such/page.md

finish
