package alert

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	idLength      = idBytes * 8 / 5
	maxConfidence = 10
)

// Validate checks a against the schema and against what the schema cannot say,
// and returns every problem at once.
func (a *Alert) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(a.Version == Version, "version is %d, not %d", a.Version, Version)
	check(validID(a.ID), "id %q is not %d letters and digits", a.ID, idLength)
	check(a.Revision > 0, "revision is 0")
	check(slices.Contains(scopes, a.Scope), "scope %q is unknown", a.Scope)
	check(slices.Contains(alertKinds, a.Kind), "kind %q is unknown", a.Kind)
	check(slices.Contains(severities, a.Severity), "severity %q is unknown", a.Severity)
	check(slices.Contains(coverages, a.Coverage.State), "coverage %q is unknown", a.Coverage.State)
	check(a.Rule != "", "rule is empty")
	check(a.Confidence <= maxConfidence, "confidence %d is above %d", a.Confidence, maxConfidence)
	check(a.Summary != "" && !strings.ContainsFunc(a.Summary, unicode.IsControl), "summary is not one line")
	errs = append(errs, a.validateLife(), a.validateSubject(), a.validateSuspect(), a.validateCarried())
	errs = append(errs, a.Counts.validate())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("validate alert: %w", err)
	}
	return nil
}

// validateLife checks status and times: closed and its reason are there exactly
// when the alert is resolved.
func (a *Alert) validateLife() error {
	switch {
	case !slices.Contains(statuses, a.Status):
		return fmt.Errorf("status %q is unknown", a.Status)
	case a.Opened == 0 || a.FirstEvidence == 0:
		return errors.New("opened or first_evidence is missing")
	case a.FirstEvidence > a.Opened || a.Opened > a.Updated:
		return errors.New("first_evidence, opened and updated are not in order")
	case a.Status == StatusFiring && (a.Closed != 0 || a.CloseReason != ""):
		return errors.New("a firing alert is closed")
	case a.Status == StatusResolved && a.Closed < a.Opened:
		return errors.New("closed is missing or before opened")
	case a.Status == StatusResolved && !slices.Contains(closeReasons, a.CloseReason):
		return fmt.Errorf("close_reason %q is unknown", a.CloseReason)
	}
	return nil
}

// validateSubject checks that the alert names what its scope and kind speak of.
func (a *Alert) validateSubject() error {
	switch {
	case (a.Scope == ScopePrefix) != (a.Prefix.Family != 0):
		return errors.New("prefix is there exactly on prefix alerts")
	case a.Incident != "" && (a.Scope != ScopePrefix || !validID(a.Incident)):
		return fmt.Errorf("incident %q is no id or on an incident", a.Incident)
	case (a.Kind == KindLeak) != (a.LeakType != ""):
		return errors.New("leak_type is there exactly on leaks")
	case a.LeakType != "" && !slices.Contains(leakTypes, a.LeakType):
		return fmt.Errorf("leak_type %q is unknown", a.LeakType)
	case a.Segment != nil && a.Segment.Leaker != a.Suspect:
		return fmt.Errorf("segment names AS%d, suspect_asn is %d", a.Segment.Leaker, a.Suspect)
	}
	return nil
}

// validateSuspect checks that an alert accuses somebody where its kind says that
// somebody did it, and nobody where it says that something was lost or is wrong.
func (a *Alert) validateSuspect() error {
	switch a.Kind {
	case KindVisibilityLoss, KindRPKIInvalid:
		if a.Suspect != 0 {
			return fmt.Errorf("%s names a suspect", a.Kind)
		}
	case KindLeak, KindHijack, KindSubprefixHijack:
		if a.Suspect == 0 {
			return fmt.Errorf("%s names no suspect", a.Kind)
		}
	}
	return nil
}

func (a *Alert) validateCarried() error {
	c := a.Carried
	switch {
	case c == nil:
	case a.Scope != ScopeIncident:
		return errors.New("still_carried is there on incidents only")
	case c.Prefixes > a.Counts.Prefixes:
		return fmt.Errorf("still_carried: %d prefixes of %d", c.Prefixes, a.Counts.Prefixes)
	case len(c.ASNs) > int(c.Peers):
		return fmt.Errorf("still_carried: %d ASNs of %d peers", len(c.ASNs), c.Peers)
	case slices.Contains(c.ASNs, 0):
		return errors.New("still_carried holds AS 0")
	}
	return nil
}

// Validate checks f in the same way. The shards do not call it for each flag;
// tests and readers of foreign flags do.
func (f *Flag) Validate() error {
	var err error
	switch {
	case f.Version != Version:
		err = fmt.Errorf("version is %d, not %d", f.Version, Version)
	case !f.Kind.Flaggable():
		err = fmt.Errorf("kind %q is no kind of flag", f.Kind)
	case f.Prefix.Family == 0:
		err = errors.New("prefix is missing")
	case f.Peer.Collector == "" || f.Ingester == "" || f.Update == 0:
		err = errors.New("peer.collector, ingester or update is missing")
	case f.Time == 0:
		err = errors.New("time is missing")
	case len(f.After) == 0 || f.Unique == 0:
		err = errors.New("path_after is empty")
	case slices.Contains(f.Newcomers, 0):
		err = errors.New("newcomers hold AS 0")
	}
	if err != nil {
		return fmt.Errorf("validate flag: %w", err)
	}
	return nil
}

func (c Counts) validate() error {
	if c.PeersTotal != 0 && c.Peers > c.PeersTotal {
		return fmt.Errorf("counts: %d peers of %d", c.Peers, c.PeersTotal)
	}
	return nil
}

func validID(id string) bool {
	return len(id) == idLength && strings.Trim(id, idAlphabet) == ""
}
