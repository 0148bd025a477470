// The system's libsqlite3, and the few of its macros that Swift cannot import.
#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

static const int csqlite_constraint_commithook = SQLITE_CONSTRAINT_COMMITHOOK;

// sqlite3_config takes its arguments in C's variadic way. Without memory statistics SQLite allocates
// without a global lock, which two threads with a database each would fight over.
static inline int csqlite_disable_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// The functions that SQLite allocates with; both only before the library is first used.
static inline int csqlite_get_allocator(sqlite3_mem_methods *methods) {
  return sqlite3_config(SQLITE_CONFIG_GETMALLOC, methods);
}

static inline int csqlite_set_allocator(const sqlite3_mem_methods *methods) {
  return sqlite3_config(SQLITE_CONFIG_MALLOC, methods);
}

// SQLite reads a null pointer as NULL, and an empty Swift buffer may have no address: each bind
// gives the empty value a real one.

// SQLITE_STATIC: the bytes must stay in place until the parameter is bound again.
static inline int csqlite_bind_blob_static(sqlite3_stmt *statement, int index, const void *bytes,
                                           sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_STATIC);
}

// SQLITE_TRANSIENT: SQLite takes a copy before this returns.
static inline int csqlite_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes,
                                         sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

// SQLITE_TRANSIENT, UTF-8; NUL bytes inside the text are kept.
static inline int csqlite_bind_text_copy(sqlite3_stmt *statement, int index, const void *utf8,
                                         sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, utf8 ? (const char *)utf8 : "", count,
                             SQLITE_TRANSIENT, SQLITE_UTF8);
}

#endif
