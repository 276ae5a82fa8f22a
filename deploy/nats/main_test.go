package main

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestCluster runs three servers from what make-keys writes. Its parts stand in
// order: the last one sends things that are no messages of detour's.
func TestCluster(t *testing.T) {
	c := start(t)
	t.Run("strangers stay outside", func(t *testing.T) { strangers(t, c) })
	if !t.Run("admin makes the streams", func(t *testing.T) { ensure(t, c) }) {
		return
	}
	t.Run("each role can do its work", func(t *testing.T) { work(t, c) })
	t.Run("processors keep checkpoints", func(t *testing.T) { checkpoints(t, c) })
	t.Run("and nothing else", func(t *testing.T) { roleRights(t, c) })
}
