package stream

import (
	"bufio"
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"testing"

	"detour/route"

	"pgregory.net/rapid"
)

// The vectors were made by another program, in another language.
func TestShardMatchesGoldenVectors(t *testing.T) {
	f, err := os.Open("testdata/shards.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		lines++
		col := strings.Split(sc.Text(), "\t")
		p := route.MustPrefix(col[0])
		shards, shard := atoi(t, col[1]), atoi(t, col[2])
		if got := Shard(p, shards); got != shard {
			t.Errorf("Shard(%v, %d) = %d, want %d", p, shards, got, shard)
		}
		if got := strconv.FormatUint(Owners(p, shards), 16); got != col[3] {
			t.Errorf("Owners(%v, %d) = %s, want %s", p, shards, got, col[3])
		}
	}
	if lines < 200 {
		t.Errorf("only %d vectors", lines)
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Up to 2^12 blocks are walked by brute force, without the early exit.
func TestOwnersEqualBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := rapid.IntRange(1, MaxShards).Draw(t, "shards")
		family := rapid.SampledFrom([]route.Family{route.IPv4, route.IPv6}).Draw(t, "family")
		block := BlockBits4
		if family == route.IPv6 {
			block = BlockBits6
		}
		length := rapid.IntRange(block-12, block+4).Draw(t, "length")
		mask, _ := route.Mask(uint8(length))
		p := route.Prefix{Hi: rapid.Uint64().Draw(t, "hi") & mask, Bits: uint8(length), Family: family}
		var want uint64
		for i := range uint64(1) << max(0, block-length) {
			q := p
			q.Bits = uint8(max(length, block))
			q.Hi += i << (64 - block)
			want |= 1 << Shard(q, shards)
		}
		if got := Owners(p, shards); got != want {
			t.Fatalf("Owners(%v, %d) = %x, want %x", p, shards, got, want)
		}
		if want&(1<<Shard(p, shards)) == 0 {
			t.Fatalf("the speaker of %v is not among its owners", p)
		}
	})
}

func TestMoreSpecificLandsWhereItsBlockLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := rapid.IntRange(1, MaxShards).Draw(t, "shards")
		length := rapid.Uint8Range(0, 32).Draw(t, "length")
		more := rapid.Uint8Range(length, 32).Draw(t, "more")
		hi := uint64(rapid.Uint32().Draw(t, "address")) << 32
		coverMask, _ := route.Mask(length)
		moreMask, _ := route.Mask(more)
		cover := route.Prefix{Hi: hi & coverMask, Bits: length, Family: route.IPv4}
		specific := route.Prefix{Hi: hi & moreMask, Bits: more, Family: route.IPv4}
		if got := Owners(specific, shards) &^ Owners(cover, shards); got != 0 {
			t.Fatalf("%v has owners %b that its cover %v has not", specific, got, cover)
		}
	})
}

func TestBlocksSpreadEvenly(t *testing.T) {
	const shards = 8
	for _, family := range []route.Family{route.IPv4, route.IPv6} {
		var count [shards]int
		for i := range uint64(1 << 16) {
			hi := i << 48
			if family == route.IPv6 {
				hi = 0x2000<<48 + i<<36 // 2000::/12, block by block
			}
			count[shardOf(hi, family, shards)]++
		}
		for n, got := range count {
			if want := 1 << 16 / shards; got < want*95/100 || got > want*105/100 {
				t.Errorf("family %d, shard %d owns %d of 65536 blocks, want %d ± 5 %%", family, n, got, want)
			}
		}
	}
}

func TestShortestPrefixesHaveEveryOwner(t *testing.T) {
	for shards := 1; shards <= MaxShards; shards++ {
		for _, s := range []string{"0.0.0.0/0", "::/0", "2000::/3"} {
			if got := bits.OnesCount64(Owners(route.MustPrefix(s), shards)); got != shards {
				t.Errorf("%s has %d owners of %d", s, got, shards)
			}
		}
	}
}

func TestCheckShards(t *testing.T) {
	for n, ok := range map[int]bool{-1: false, 0: false, 1: true, 64: true, 65: false} {
		if (CheckShards(n) == nil) != ok {
			t.Errorf("CheckShards(%d) = %v", n, CheckShards(n))
		}
	}
}

func BenchmarkShard(b *testing.B) {
	p := route.MustPrefix("104.20.8.0/22")
	sum := 0
	for b.Loop() {
		p.Hi += 1 << 48
		sum += Shard(p, 8)
	}
	_ = sum
}

func BenchmarkOwnersDefaultRoute(b *testing.B) {
	p := route.MustPrefix("::/0")
	for b.Loop() {
		Owners(p, MaxShards)
	}
}

func ExampleShard() {
	p := route.MustPrefix("104.20.8.0/22")
	fmt.Println(Shard(p, 8), UpdatesSubject(Shard(p, 8)))
	// Output: 3 detour.v1.updates.3
}
