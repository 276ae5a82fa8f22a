package decode

import (
	"slices"

	"detour/route"
)

// withdraw moves the announced routes of u to its withdrawn ones and drops the
// attributes, which are not to be trusted (RFC 7606 §2).
func (d *Decoder) withdraw(u *route.Update) {
	d.Counters.TreatAsWithdraw++
	own, mp := u.Announced[:u.MPAnnounced], u.Announced[u.MPAnnounced:]
	from, to := u.MPWithdrawn, len(u.Withdrawn)
	wd := append(u.Withdrawn, own...)
	// The message's own routes stay in front: [own, mp, announced] becomes
	// [own, announced, mp].
	rotate(wd[from:], to-from)
	wd = append(wd, mp...)

	ids := u.Flags & route.FlagPathIDs
	reset(u)
	u.Flags = ids | route.FlagTreatAsWithdraw
	u.Withdrawn, u.MPWithdrawn = wd, from+len(own)
}

// rotate moves the first n elements of s behind the others.
func rotate(s []route.NLRI, n int) {
	slices.Reverse(s[:n])
	slices.Reverse(s[n:])
	slices.Reverse(s)
}
