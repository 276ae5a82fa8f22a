// Package checkpoint keeps the checkpoints of units (shards, the correlator) safe:
// in a folder of this process, and in JetStream's Object Store with a pointer in
// a key-value bucket.
//
// It owns files, objects, pointers and the container around a body, and says
// which checkpoint is newer. It must not know what is in a body, decide when one
// is made, or change a bucket's settings. Processors call it. A Store may be used
// from several goroutines and starts none; whatever blocks ends with its context.
package checkpoint
