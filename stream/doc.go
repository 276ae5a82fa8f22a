// Package stream names and shapes what detour keeps on NATS: subjects, streams,
// the shard function, publishers and the ordered reader.
//
// It carries frames, ranges, flags and alerts without judging them and knows
// neither sources nor detection. Ingest, processors, sinks and cmd call it.
// Everything that is made here is inert until its Run, which blocks and owns
// all goroutines; each type says which of its methods one goroutine may call.
package stream
