package processor

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// TestAJudgeThatDiesIsReplacedWithoutATrace kills a Judge at alerts all over the
// day, before and after they are stored, between those of one message, too. The
// next begins from nothing, and the server remembers no message ids.
func TestAJudgeThatDiesIsReplacedWithoutATrace(t *testing.T) {
	c := newCourt(t, leakDay(20*route.Minute, 10*route.Minute))
	expectStory(t, c.want)
	for at := 1; at <= len(c.want); at += c.stride(12) {
		for _, stored := range []bool{false, true} {
			c.reset()
			c.kill(int64(at), stored)
			c.must(c.judge(c.js, nil).Run(t.Context()))
			if d := cmp.Diff(c.want, c.stored()); d != "" {
				t.Errorf("killed at alert %d, stored %t (-undisturbed +got):\n%s", at, stored, d)
			}
		}
	}
}

// stride parts what is told into n, or in short form, such as under the race
// detector, into three.
func (c *court) stride(n int) int {
	if testing.Short() {
		n = 3
	}
	return max(1, len(c.want)/n)
}

// expectStory fails where the day has not what makes it a test.
func expectStory(t *testing.T, list []verdict) {
	t.Helper()
	firing, revisions := map[string]bool{}, uint32(0)
	incidents := map[string]bool{}
	for _, v := range list {
		firing[v.ID] = v.Status == alert.StatusFiring
		revisions = max(revisions, v.Revision)
		incidents[v.What] = true
	}
	for id, on := range firing {
		if on {
			t.Errorf("%s fires at the end of the day", id)
		}
	}
	const leak = "incident leak AS396531"
	if revisions < 3 || len(firing) < 50 {
		t.Errorf("%d alerts and %d revisions are too little", len(firing), revisions)
	}
	for what := range incidents {
		if len(what) > len(leak) && what[:len(leak)] == leak {
			return
		}
	}
	t.Errorf("no leak among %d alerts", len(firing))
}

// kill runs a Judge until it is about to store its at-th alert, or has.
func (c *court) kill(at int64, stored bool) {
	c.Helper()
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	js := &gate{JetStream: c.js, ctx: ctx, at: at, hold: func(s bool) {
		if s == stored {
			cancel()
		}
	}}
	if err := c.judge(js, nil).Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		c.Fatal(err)
	}
}

// TestTwoJudgesTellAsOne runs two at a time; one freezes at an alert until the
// other has told everything, or dies.
func TestTwoJudgesTellAsOne(t *testing.T) {
	c := newCourt(t, leakDay(20*route.Minute, 10*route.Minute))
	for at := 1; at <= len(c.want); at += c.stride(6) {
		for _, name := range []string{"frozen", "killed", "alive"} {
			t.Run(fmt.Sprintf("%s at %d", name, at), func(t *testing.T) {
				c.reset()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				told := make(chan error, 1)
				first := c.judge(&gate{JetStream: c.js, ctx: ctx, at: int64(at), hold: func(stored bool) {
					switch {
					case stored:
					case name == "frozen":
						c.must(<-told)
						close(told)
					case name == "killed":
						cancel()
					}
				}}, nil)
				done := make(chan error, 1)
				go func() { done <- first.Run(ctx) }()
				second := c.judge(c.js, nil)
				told <- second.Run(t.Context())
				if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.want, c.stored()); d != "" {
					t.Errorf("-undisturbed +got:\n%s", d)
				}
			})
		}
	}
}

// TestWhatNobodyCanFollowIsResolved starts a Judge from nothing whose evidence
// begins after the leak: it adopts what fires, and ends it when leaks end.
func TestWhatNobodyCanFollowIsResolved(t *testing.T) {
	if testing.Short() {
		t.Skip("two days take long under the race detector")
	}
	c := newCourt(t, leakDay(20*route.Minute, 40*route.Hour))
	c.reset()
	c.kill(int64(len(c.want))/2, true)
	firing := map[string]verdict{}
	for _, v := range c.stored() {
		if firing[v.ID] = v; v.Status != alert.StatusFiring {
			delete(firing, v.ID)
		}
	}
	if len(firing) < 20 {
		t.Fatalf("%d alerts fire", len(firing))
	}
	st, err := c.js.Stream(t.Context(), stream.EvidenceStream)
	c.must(err)
	c.must(st.Purge(t.Context(), jetstream.WithPurgeSequence(st.CachedInfo().State.LastSeq*1/3)))
	second := c.judge(c.js, nil)
	c.must(second.Run(t.Context()))
	seen := map[string]bool{}
	for _, v := range c.stored() {
		if key := fmt.Sprint(v.ID, v.Revision); seen[key] {
			t.Errorf("%+v is told twice", v)
		} else {
			seen[key] = true
		}
		if v.Status == alert.StatusResolved {
			delete(firing, v.ID)
		}
	}
	if len(firing) > 0 {
		t.Errorf("%d alerts fire for ever", len(firing))
	}
	s := second.Stats()
	if s.Adoption.Expired == 0 || s.Adoption.Orphans != 0 {
		t.Errorf("%+v", s.Adoption)
	}
}
