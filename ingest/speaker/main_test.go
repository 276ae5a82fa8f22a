package speaker

import (
	"testing"

	"go.uber.org/goleak"
)

// GoBGP's main goroutine has no end, and a channel of its own may stay behind where it
// is told to end amid the exchange of OPENs. TestGarbage sees to it that they are few.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/osrg/gobgp/v3/pkg/server.(*BgpServer).Serve"),
		goleak.IgnoreTopFunction("github.com/eapache/channels.(*InfiniteChannel).infiniteBuffer"))
}
