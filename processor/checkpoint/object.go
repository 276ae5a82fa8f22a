package checkpoint

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Objects are laid out as in NATS' ADR-20, so that every client can read them,
// but are written and read here: nats.go's Put sends everything before it looks
// at an acknowledgement, which overruns what a server buffers for a stream, and
// its Get waits for the end of its context where a chunk is missing.
const (
	chunkSubjects = "$O." + ObjectBucket + ".C."
	metaSubjects  = "$O." + ObjectBucket + ".M."

	chunkSize = 256 << 10
	// firstGrow is what a pointer's word is worth in memory before bytes come.
	firstGrow = 32 << 20
)

// objectGrace is the age at which an object that no pointer names is taken for
// the leftover of a process that died, and not for one that is being written.
const objectGrace = time.Hour

// objectPrefix begins the names of all objects of a unit and format.
func objectPrefix(m Meta) string { return fmt.Sprintf("%s_f%d_", m.Unit, m.Format) }

// newObjectName never returns the same name twice, so that no writer touches
// another's object. The name serves as the id of the chunks too.
func newObjectName(m Meta) string {
	return objectPrefix(m) + strconv.FormatUint(m.Sequence, 10) + "_" + strings.ToLower(rand.Text())
}

func chunkSubject(name string) string { return chunkSubjects + name }

func metaSubject(name string) string {
	return metaSubjects + base64.URLEncoding.EncodeToString([]byte(name))
}

// put stores an object, chunk by chunk, each acknowledged before the next.
func (b *broker) put(ctx context.Context, name string, s *sealed) error {
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{
			Name: name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunkSize},
		},
		Bucket: ObjectBucket, NUID: name,
	}
	sum, in, chunk := sha256.New(), s.reader(), make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(in, chunk)
		if n == 0 {
			break
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			return err
		}
		sum.Write(chunk[:n])
		// A message id, so that a repeated request stores no chunk twice.
		id := name + "." + strconv.Itoa(int(info.Chunks))
		if err := b.publish(ctx, &nats.Msg{Subject: chunkSubject(name), Data: chunk[:n]}, id); err != nil {
			return fmt.Errorf("write chunk %d: %w", info.Chunks, err)
		}
		info.Size, info.Chunks = info.Size+uint64(n), info.Chunks+1
	}
	info.Digest = jetstream.GetObjectDigestValue(sum)
	text, err := json.Marshal(info)
	if err != nil {
		return err
	}
	msg := nats.NewMsg(metaSubject(name))
	msg.Data = text
	msg.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	if err := b.publish(ctx, msg, name+".meta"); err != nil {
		return fmt.Errorf("write object's entry: %w", err)
	}
	return nil
}

func (b *broker) publish(ctx context.Context, msg *nats.Msg, id string) error {
	return b.try(ctx, func(ctx context.Context) error {
		_, err := b.js.PublishMsg(ctx, msg, jetstream.WithMsgID(id), jetstream.WithExpectStream(objectStream))
		return err
	})
}

// get reads an object of the size that its pointer tells. What it holds is
// checked by the container's own sum.
func (b *broker) get(ctx context.Context, name string, size int64) ([]byte, error) {
	if size < 0 || size > maxFile {
		return nil, fmt.Errorf("%w: object of %d bytes", ErrDamaged, size)
	}
	st, err := b.stream(ctx, objectStream)
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	data.Grow(int(min(size, firstGrow)))
	for next := uint64(1); int64(data.Len()) < size; {
		msg, err := b.message(ctx, st, next, chunkSubject(name))
		if err != nil {
			return nil, fmt.Errorf("read object after %d of %d bytes: %w", data.Len(), size, err)
		}
		data.Write(msg.Data)
		next = msg.Sequence + 1
	}
	return data.Bytes(), nil
}

func (b *broker) stream(ctx context.Context, name string) (st jetstream.Stream, err error) {
	err = b.try(ctx, func(ctx context.Context) (err error) {
		st, err = b.js.Stream(ctx, name)
		return err
	})
	return st, err
}

// message returns the first message with the subject, from a sequence on.
func (b *broker) message(
	ctx context.Context, st jetstream.Stream, from uint64, subject string,
) (msg *jetstream.RawStreamMsg, err error) {
	err = b.try(ctx, func(ctx context.Context) (err error) {
		msg, err = st.GetMsg(ctx, from, jetstream.WithGetMsgSubject(subject))
		return err
	})
	return msg, err
}

// remove deletes an object without leaving a mark: each name is used once. The
// entry goes last, so that what a crash leaves can be found again.
func (b *broker) remove(ctx context.Context, st jetstream.Stream, name string) error {
	for _, subject := range []string{chunkSubject(name), metaSubject(name)} {
		err := b.try(ctx, func(ctx context.Context) error { return st.Purge(ctx, jetstream.WithPurgeSubject(subject)) })
		if err != nil {
			return fmt.Errorf("remove object %s: %w", name, err)
		}
	}
	return nil
}

// sweep removes the objects of the unit and format that no pointer names any
// more: at once those in dropped, the others when they are old.
func (b *broker) sweep(ctx context.Context, m Meta, dropped []string, keep map[string]bool) error {
	st, err := b.stream(ctx, objectStream)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range dropped {
		errs = append(errs, b.remove(ctx, st, name))
	}
	old, err := b.leftovers(ctx, st, objectPrefix(m), keep, objectGrace)
	errs = append(errs, err)
	for _, name := range old {
		errs = append(errs, b.remove(ctx, st, name))
	}
	return errors.Join(errs...)
}

// leftovers returns the names with the prefix that are older than grace and not
// to be kept, whether chunks, an entry or both are there.
func (b *broker) leftovers(
	ctx context.Context, st jetstream.Stream, prefix string, keep map[string]bool, grace time.Duration,
) (old []string, err error) {
	var info *jetstream.StreamInfo
	err = b.try(ctx, func(ctx context.Context) (err error) {
		info, err = st.Info(ctx, jetstream.WithSubjectFilter("$O."+ObjectBucket+".>"))
		return err
	})
	if err != nil {
		return nil, err
	}
	found := map[string]string{} // name to one of its subjects
	for subject := range info.State.Subjects {
		name, isChunk := strings.CutPrefix(subject, chunkSubjects)
		if !isChunk {
			text, err := base64.URLEncoding.DecodeString(strings.TrimPrefix(subject, metaSubjects))
			if err != nil {
				continue
			}
			name = string(text)
		}
		if strings.HasPrefix(name, prefix) && !keep[name] {
			found[name] = subject
		}
	}
	for name, subject := range found {
		// Both times are the servers'.
		msg, err := b.message(ctx, st, 1, subject)
		if err == nil && info.TimeStamp.Sub(msg.Time) > grace {
			old = append(old, name)
		}
		if err != nil && !isAbsent(err) {
			return old, err
		}
	}
	return old, nil
}
