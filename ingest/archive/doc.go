// Package archive reads the public archives of RIPE RIS and RouteViews: it finds
// files by their directory indexes, brings them into a cache folder, and gives them
// to ingest/replay, a given stretch of time or as they appear.
//
// It owns names and folders of the archives, the cache, and what a download may
// cost; engine time and the reading of files are ingest/replay's. It must not guess
// a file that no index names, pass over a missing one in silence, or ask a server
// more often than a person with a mirror script would. cmd/detour calls it.
//
// An Archive may be used by many goroutines and its cache by many processes. A
// Source belongs to the goroutine that runs it; Stats, Describe and Leave may be
// called from any.
package archive
