package alert

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"

	"detour/route"
)

// idBytes makes an id of 16 letters; 80 bits are enough for ids never to meet
// by chance.
const idBytes = 10

const idAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

// NewID returns the id of an alert from what it is about, so that two owners of
// the same work, or the same work done twice, give the same id. The key names
// the subject within scope and kind (a suspect's ASN, a prefix and its expected
// origin). Ids hold lower-case letters and digits only and are fit for subjects
// and file names.
func NewID(scope Scope, kind Kind, key string, opened route.Time) string {
	var b []byte
	for _, s := range []string{string(scope), string(kind), key} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s))) // lengths keep "ab","c" from "a","bc"
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(opened))
	sum := sha256.Sum256(b)
	return base32.NewEncoding(idAlphabet).WithPadding(base32.NoPadding).EncodeToString(sum[:idBytes])
}
