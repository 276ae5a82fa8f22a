package explain

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"detour/alert"
)

// threads keeps alert messages by their id, in order of opening.
type threads struct {
	byID  map[string]*thread
	order []*thread
	lost  int // alerts beyond the bound
}

// thread is what was told of one alert, in order.
type thread struct {
	first, last *alert.Alert
	all         []*alert.Alert // up to maxMessages, the first ones
	messages    int
}

// Bounds of what is kept: alerts, and messages of each of them.
const (
	maxThreads  = 1 << 18
	maxMessages = 256
)

func newThreads() *threads { return &threads{byID: make(map[string]*thread)} }

// add keeps a message. A second copy of it is passed over.
func (t *threads) add(a *alert.Alert) {
	th := t.byID[a.ID]
	if th == nil {
		if len(t.order) >= maxThreads {
			t.lost++
			return
		}
		th = &thread{first: a}
		t.byID[a.ID] = th
		t.order = append(t.order, th)
	} else if a.Revision <= th.last.Revision {
		return
	}
	th.last = a
	th.messages++
	if a.Scope == alert.ScopeIncident && len(th.all) < maxMessages || len(th.all) == 0 {
		th.all = append(th.all, a)
	} else if a.Scope == alert.ScopePrefix && len(th.all) < 8 {
		th.all = append(th.all, a)
	}
}

// Errors of find.
var (
	ErrNoAlerts  = errors.New("no alert was told")
	ErrUnknownID = errors.New("no alert has an id that begins so")
)

// find returns the only alert whose id begins with text.
func (t *threads) find(text string) (*thread, error) {
	if th := t.byID[text]; th != nil {
		return th, nil
	}
	var found []*thread
	for _, th := range t.order {
		if strings.HasPrefix(th.first.ID, text) {
			found = append(found, th)
		}
	}
	switch {
	case len(t.order) == 0:
		return nil, ErrNoAlerts
	case len(found) == 0:
		return nil, fmt.Errorf("%w: %q; of the %d alerts, list those of incidents with: detour explain incident",
			ErrUnknownID, text, len(t.order))
	case len(found) > 1:
		ids := make([]string, 0, 4)
		for _, th := range found[:min(len(found), 4)] {
			ids = append(ids, th.first.ID)
		}
		return nil, fmt.Errorf("%d alerts have an id that begins with %q: %s…; write more of it",
			len(found), text, strings.Join(ids, ", "))
	}
	return found[0], nil
}

// sorted returns the threads that are wanted by time of opening, kind and id.
func (t *threads) sorted(want func(*thread) bool) (list []*thread) {
	for _, th := range t.order {
		if want(th) {
			list = append(list, th)
		}
	}
	slices.SortStableFunc(list, func(a, b *thread) int {
		return cmp.Or(cmp.Compare(a.first.Opened, b.first.Opened), cmp.Compare(a.first.Kind, b.first.Kind),
			cmp.Compare(a.first.Prefix.String(), b.first.Prefix.String()), cmp.Compare(a.first.ID, b.first.ID))
	})
	return list
}
