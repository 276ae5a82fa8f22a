package firehose

import (
	"errors"
	"fmt"
)

// check fails unless all that was published was applied once, judged and told.
func (r *rig) check() error {
	var errs []error
	zero := func(what string, n uint64) {
		if n != 0 {
			errs = append(errs, fmt.Errorf("%s: %d, must be none", what, n))
		}
	}
	pub, c, judge := r.pub.Stats(), r.counters(), r.judge.Stats()
	if c.Elements != pub.Elements || judge.Correlate.Elements != pub.Elements {
		errs = append(errs, fmt.Errorf("%d elements were published, %d applied and %d judged",
			pub.Elements, c.Elements, judge.Correlate.Elements))
	}
	if c.Frames != pub.Frames {
		errs = append(errs, fmt.Errorf("%d frames were stored and %d applied", pub.Frames, c.Frames))
	}
	zero("updates that the publisher dropped", pub.DroppedUpdates)
	zero("frames too large", pub.OversizeFrames)
	zero("holes in the log", c.Holes)
	zero("gaps in the log", c.Gaps)
	if c.Copies > pub.Resends {
		errs = append(errs, fmt.Errorf("%d second copies of frames, and %d were sent again", c.Copies, pub.Resends))
	}
	zero("unreadable frames", c.BadFrames+c.Behind)
	zero("records refused", c.RecordsRefused+c.SessionsRefused+c.IngestersRefused+c.UnknownPeer)
	zero("holes in the evidence", judge.Holes)
	zero("unreadable ranges", judge.BadRanges+judge.Correlate.Future+judge.Correlate.Stale)
	zero("records judged late", judge.Correlate.Late)
	refused := judge.Correlate.Refused
	refused.Recent = 0 // a bound in what later incidents take in, reached by rate alone: told, no loss
	if refused.Degraded() > 0 {
		errs = append(errs, fmt.Errorf("the correlator refused: %+v", refused))
	}
	zero("flags that could not be sent", c.FlagsLost)
	zero("alerts lost by the stream", r.alerts.lost.Load())
	zero("unreadable flags", r.flags.bad.Load())
	if heard := r.flags.heard.Load(); heard != c.Flags {
		errs = append(errs, fmt.Errorf("%d flags were told and %d heard", c.Flags, heard))
	}
	errs = append(errs, r.events.check())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("something was lost: %w", err)
	}
	return nil
}
