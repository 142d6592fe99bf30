// The version of ligature, said by --version and in documents for tools.
#ifndef LIGATURE_CLI_VERSION_H
#define LIGATURE_CLI_VERSION_H

#define LIGATURE_VERSION "0.1.0"

#endif
