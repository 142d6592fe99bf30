// What the project uses of the extensions that gcc and clang share.
#ifndef LIGATURE_SUPPORT_ATTRIBUTES_H
#define LIGATURE_SUPPORT_ATTRIBUTES_H

#define PRINTF_LIKE(at, args) __attribute__((format(printf, at, args)))
#define MUST_USE              __attribute__((warn_unused_result))
#define COLD                  __attribute__((cold, noinline))
#define NORETURN              __attribute__((noreturn))
#define NOINLINE              __attribute__((noinline))
#define ALWAYS_INLINE         inline __attribute__((always_inline))
#define LIKELY(x)             __builtin_expect(!!(x), 1)
#define UNLIKELY(x)           __builtin_expect(!!(x), 0)

// Memory that will be read soon; any address will do.
#define PREFETCH(address) __builtin_prefetch(address)

// Set where AddressSanitizer should see every object: arenas and heaps then
// take each from malloc by itself.
#ifndef EXACT_MEMORY
#define EXACT_MEMORY 0
#endif

// Bytes in a cache line: what two threads write must lie this far apart.
#define CACHE_LINE 64

#endif
