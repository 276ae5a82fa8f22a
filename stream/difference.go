package stream

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Difference is a setting in which a stream is not as asked for.
type Difference struct {
	What       string // max_age
	Have, Want string
	// More marks what is accepted: the stream keeps more than asked for, or allows
	// more.
	More bool
}

func (d Difference) String() string {
	if d.More {
		return fmt.Sprintf("%s is %s, more than the %s asked for", d.What, d.Have, d.Want)
	}
	return fmt.Sprintf("%s is %s, need %s", d.What, d.Have, d.Want)
}

// compatible lists how have falls short of want.
func compatible(have, want jetstream.StreamConfig) error {
	var errs []error
	for _, d := range differences(have, want) {
		if !d.More {
			errs = append(errs, errors.New(d.String()))
		}
	}
	return errors.Join(errs...)
}

// differences lists how have is not as want.
func differences(have, want jetstream.StreamConfig) []Difference {
	var l differenceList
	for _, key := range []string{metaShards, metaFunction} {
		l.equal(key, cmp.Or(have.Metadata[key], "not set"), want.Metadata[key])
	}
	if !slices.Equal(have.Subjects, want.Subjects) {
		l.equal("subjects", fmt.Sprint(have.Subjects), fmt.Sprint(want.Subjects))
	}
	l.equal("retention", have.Retention.String(), want.Retention.String())
	l.equal("discard", have.Discard.String(), want.Discard.String())
	l.equal("storage", have.Storage.String(), want.Storage.String())
	l.equal("allow_direct", strconv.FormatBool(have.AllowDirect), strconv.FormatBool(want.AllowDirect))
	l.equal("no_ack", strconv.FormatBool(have.NoAck), strconv.FormatBool(want.NoAck))
	l.equal("sealed", strconv.FormatBool(have.Sealed), strconv.FormatBool(want.Sealed))
	l.least("number of replicas", int64(have.Replicas), int64(want.Replicas), count)
	l.least("duplicate window", int64(have.Duplicates), int64(want.Duplicates), age)
	l.limit("max_age", int64(have.MaxAge), int64(want.MaxAge), age)
	l.limit("max_bytes", have.MaxBytes, want.MaxBytes, count)
	l.limit("max_msg_size", int64(have.MaxMsgSize), int64(want.MaxMsgSize), count)
	l.limit("max_msgs", have.MaxMsgs, want.MaxMsgs, count)
	l.limit("max_msgs_per_subject", have.MaxMsgsPerSubject, want.MaxMsgsPerSubject, count)
	return l
}

type differenceList []Difference

func count(n int64) string { return strconv.FormatInt(n, 10) }
func age(n int64) string   { return time.Duration(n).String() }

func (l *differenceList) equal(what, have, want string) {
	if have != want {
		*l = append(*l, Difference{What: what, Have: have, Want: want})
	}
}

// least compares numbers of which more is fine.
func (l *differenceList) least(what string, have, want int64, write func(int64) string) {
	if have != want {
		*l = append(*l, Difference{what, write(have), write(want), have > want})
	}
}

// limit compares two limits, of which zero and below mean none.
func (l *differenceList) limit(what string, have, want int64, write func(int64) string) {
	if have == want || have <= 0 && want <= 0 {
		return
	}
	text := func(n int64) string {
		if n <= 0 {
			return "unlimited"
		}
		return write(n)
	}
	*l = append(*l, Difference{what, text(have), text(want), have <= 0 || want > 0 && have > want})
}
