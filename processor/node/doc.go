// Package node is a processor process: the units that package cluster gives it
// (shards, and the correlator), each begun from its newest checkpoint and
// keeping new ones.
//
// It owns when a checkpoint is made and from which one a unit begins. It must not
// know what a state holds. cmd/detour calls it. Each unit has a goroutine of its
// own and one that keeps its checkpoints.
package node
