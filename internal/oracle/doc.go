// Package oracle is docs/state.md §2–§6 written down slowly: plain maps and
// slices, whole scans instead of indexes, sets copied instead of shared.
//
// It owns the reference answer that processor/rib is compared with under random
// operations, and Everything, a correlator that forgets nothing, which holds
// the claim that a shard lets no globally new pair slip. It must share no code
// with processor/rib, be fast, or have bounds beyond those that change results:
// 16 newcomers, 64 ADD-PATH ids and 64 hops. Only tests call it. A Shard and an
// Everything each belong to one goroutine.
package oracle
