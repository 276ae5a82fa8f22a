package wire

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"detour/route"
)

var update = flag.Bool("update", false, "regenerate testdata/detour.pb with protoc")

const descriptorFile = "testdata/detour.pb"

// schema returns the compiled detour.proto.
func schema(t testing.TB) protoreflect.FileDescriptor {
	t.Helper()
	set := readDescriptors(t, descriptorFile)
	files, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := files.FindFileByPath("detour.proto")
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func readDescriptors(t testing.TB, name string) *descriptorpb.FileDescriptorSet {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	set := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal(raw, set); err != nil {
		t.Fatal(err)
	}
	return set
}

func newMessage(fd protoreflect.FileDescriptor, name string) *dynamicpb.Message {
	return dynamicpb.NewMessage(fd.Messages().ByName(protoreflect.Name(name)))
}

func TestDescriptorsAreThoseOfTheSchema(t *testing.T) {
	protoc, err := exec.LookPath("protoc")
	if err != nil {
		t.Skip("protoc absent: detour.proto is not compiled; the text comparison still runs")
	}
	out := filepath.Join(t.TempDir(), "detour.pb")
	if *update {
		out = descriptorFile
	}
	cmd := exec.Command(protoc, "--proto_path=.", "--descriptor_set_out="+out, "detour.proto")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("protoc: %v\n%s", err, text)
	}
	if !proto.Equal(readDescriptors(t, out), readDescriptors(t, descriptorFile)) {
		t.Errorf("%s is out of date: run go test ./wire -run Descriptors -update", descriptorFile)
	}
}

// TestSchemaTextNamesTheDescriptors works without protoc: every "name = number;"
// of the text stands in the descriptors and the other way round.
func TestSchemaTextNamesTheDescriptors(t *testing.T) {
	text, err := os.ReadFile("detour.proto")
	if err != nil {
		t.Fatal(err)
	}
	inText, inDescriptors := map[string]bool{}, map[string]bool{}
	block := regexp.MustCompile(`(?s)\n(message|enum) (\w+) \{\n(.*?)\n\}`)
	entry := regexp.MustCompile(`(?m)^\s*(?:(?:repeated |optional )?\w+ )?(\w+) = (\d+);`)
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		for _, e := range entry.FindAllStringSubmatch(m[3], -1) {
			inText[m[2]+"."+e[1]+"="+e[2]] = true
		}
	}
	file := readDescriptors(t, descriptorFile).File[0]
	for _, m := range file.MessageType {
		for _, f := range m.Field {
			inDescriptors[m.GetName()+"."+f.GetName()+"="+itoa(f.GetNumber())] = true
		}
	}
	for _, e := range file.EnumType {
		for _, v := range e.Value {
			inDescriptors[e.GetName()+"."+v.GetName()+"="+itoa(v.GetNumber())] = true
		}
	}
	if d := diff(inDescriptors, inText); d != "" || len(inText) < 80 {
		t.Errorf("%d entries in the text; descriptors and text differ: %s", len(inText), d)
	}
}

func itoa(n int32) string { return route.ASN(n).String() }

func TestFieldNumbersAreThoseOfTheSchema(t *testing.T) {
	fd := schema(t)
	numbers := map[string]map[string]int{
		"Frame": {
			"ingester": frmIngester, "epoch": frmEpoch, "number": frmNumber, "received": frmReceived,
			"base": frmBase, "base_number": frmBaseNumber, "sessions": frmSessions, "heads": frmHeads,
			"head_session": frmHeadSession, "rows": frmRows, "path": frmPath, "communities": frmCommunities,
			"large_communities": frmLarge, "prefix": frmPrefix, "prefix56": frmPrefix56,
			"prefix128": frmPrefix128, "path_id": frmPathID, "otc": frmOTC, "segmented": frmSegmented,
			"segments": frmSegments, "wide": frmWide, "wide_times": frmWideTimes,
			"short_rows": frmShortRows,
		},
		"Head": {
			"flags": headFlags, "kind": headKind, "origin": headOrigin, "next_hop": headNextHop,
			"mp_next_hop": headMPNextHop,
		},
		"Session": {
			"id": sesID, "start": sesStart, "collector": sesCollector, "address": sesAddress, "asn": sesASN,
			"local_asn": sesLocalASN, "view": sesView, "feed4": sesFeed4, "feed6": sesFeed6, "router": sesRouter,
			"distinguisher": sesDistinguisher, "ingester": sesIngester,
		},
		"EvidenceRange": {
			"shard": rngShard, "shards": rngShards, "stream_created": rngStreamCreated, "from": rngFrom,
			"to": rngTo, "engine": rngEngine, "end": rngEnd, "elements": rngElements, "degraded": rngDegraded,
			"ingesters": rngIngesters, "peers": rngPeers, "paths": rngPaths, "records": rngRecords,
		},
		"Path": {"asns": pathASNs},
		"Record": {
			"kind": recKind, "flags": recFlags, "peer": recPeer, "sequence_delta": recSequence, "index": recIndex,
			"number_delta": recNumber, "engine_delta": recEngine, "received_delta": recReceived,
			"prefix4": recPrefix4, "prefix6": recPrefix6, "prev": recPrev, "next": recNext,
			"newcomers": recNewcomers, "contrast": recContrast, "unique": recUnique, "longest": recLongest,
			"ingester": recIngester, "event": recEvent, "otc": recOTC, "origins": recOrigins, "as": recAS,
			"next_as": recNextAS, "origin": recOrigin, "young": recYoung, "third": recThird,
			"routes": recRoutes, "raised": recRaised, "delta": recDelta,
		},
	}
	got := map[string]map[string]int{}
	for i := range fd.Messages().Len() {
		m := fd.Messages().Get(i)
		fields := map[string]int{}
		for k := range m.Fields().Len() {
			f := m.Fields().Get(k)
			fields[string(f.Name())] = int(f.Number())
		}
		got[string(m.Name())] = fields
	}
	if d := diff(numbers, got); d != "" {
		t.Error(d)
	}
}

func TestEnumsAreThoseOfTheCode(t *testing.T) {
	fd := schema(t)
	want := map[string]map[string]int{
		"View": {
			"ADJ_RIB_IN_PRE": int(route.ViewAdjRIBInPre), "ADJ_RIB_IN_POST": int(route.ViewAdjRIBInPost),
			"LOC_RIB": int(route.ViewLocRIB), "ADJ_RIB_OUT": int(route.ViewAdjRIBOut),
		},
		"Feed": {
			"FEED_UNKNOWN": int(route.FeedUnknown), "FEED_PARTIAL": int(route.FeedPartial),
			"FEED_FULL": int(route.FeedFull),
		},
		"Kind": {
			"UPDATE": int(route.KindUpdate), "PEER_UP": int(route.KindPeerUp),
			"PEER_DOWN": int(route.KindPeerDown), "END_OF_RIB": int(route.KindEndOfRIB),
			"GAP": int(route.KindGap), "TICK": int(route.KindTick),
			"SILENT": int(route.KindSilent), "HEARD": int(route.KindHeard),
		},
		"Flag": {
			"FLAG_NONE": 0, "TABLE_DUMP": int(route.FlagTableDump),
			"INITIAL_TRANSFER": int(route.FlagInitialTransfer), "PATH_IDS": int(route.FlagPathIDs),
			"HAS_OTC": int(route.FlagHasOTC), "ATOMIC_AGGREGATE": int(route.FlagAtomicAggregate),
			"TREAT_AS_WITHDRAW": int(route.FlagTreatAsWithdraw), "HAS_ORIGIN": int(route.FlagHasOrigin),
			"HAS_PATH": int(route.FlagHasPath),
		},
		"RecordKind": {
			"RECORD_NONE": 0, "CHANGE": int(RecordChange), "LEFT": int(RecordLeft),
			"LOSS": int(RecordLoss), "NODE": int(RecordNode), "EDGE": int(RecordEdge), "EVENT": int(RecordEvent),
			"CENSUS": int(RecordCensus), "ORIGIN": int(RecordOrigin), "VISIBILITY": int(RecordVisibility),
		},
		"RecordFlag": {
			"RECORD_FLAG_NONE": 0, "INFLATED": int(RecordInflated), "SHORTENED": int(RecordShortened),
			"MORE_SPECIFIC": int(RecordMoreSpecific), "ORIGIN_NEW": int(RecordOriginNew),
			"INHERITED": int(RecordInherited), "NO_BASELINE": int(RecordNoBaseline), "HELD": int(RecordHeld),
			"LEARNING": int(RecordLearning), "TABLE": int(RecordTable), "LOOP": int(RecordLoop),
			"RTBH": int(RecordRTBH), "MAINTENANCE": int(RecordMaintenance),
			"VIRTUAL_FIRST": int(RecordVirtualFirst), "RECORD_HAS_OTC": int(RecordHasOTC),
			"WATCHED": int(RecordWatched), "PREPENDED": int(RecordPrepended),
		},
	}
	got := map[string]map[string]int{}
	for i := range fd.Enums().Len() {
		e := fd.Enums().Get(i)
		values := map[string]int{}
		for k := range e.Values().Len() {
			v := e.Values().Get(k)
			values[string(v.Name())] = int(v.Number())
		}
		got[string(e.Name())] = values
	}
	if d := diff(want, got); d != "" {
		t.Error(d)
	}
	var all int
	for name, bit := range want["Flag"] {
		if all |= bit; route.Flags(bit)&^carriedFlags != 0 {
			t.Errorf("%s is not carried", name)
		}
	}
	if route.Flags(all) != carriedFlags {
		t.Errorf("carried flags %b, schema %b", carriedFlags, all)
	}
}
