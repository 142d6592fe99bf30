// What runs in one project have found out about modules, in one entry of the
// cache folder: records by a hash of all that they depend on. A pack is read
// as a whole and written as a whole; what several runs have not used is left
// out, and when there is too much, what was not used for longest.
//
// Ownership: module_pack_open() makes, module_pack_close() frees; it borrows
//            the folder. Payloads that were found live as long as the pack.
// Threads:   find and keep on any worker; all else on the main thread.
#ifndef LIGATURE_CLI_MODULE_PACK_H
#define LIGATURE_CLI_MODULE_PACK_H

#include "cli/cache_folder.h"
#include "support/hash.h"

// Runs in which a record may be of no use before it is left out.
#define MODULE_PACK_AGES 8

typedef struct ModulePack ModulePack;

// Never NULL; empty where there is none. `key` must cover the build.
ModulePack *module_pack_open(CacheFolder *folder, Str key);
void module_pack_close(ModulePack *pack);
bool module_pack_find(ModulePack *pack, const Hash256 *key, Str *out_payload);
void module_pack_keep(ModulePack *pack, const Hash256 *key, Str payload);
// Writes what is known by now, if anything was kept.
void module_pack_write(ModulePack *pack);

typedef struct ModulePackStats {
    uint64_t hits, misses;
    uint64_t entries, bytes; // of the pack, as read or as written
} ModulePackStats;
ModulePackStats module_pack_stats(const ModulePack *pack);

#endif
