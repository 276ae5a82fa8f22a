package eval

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"detour/internal/scenario"
	"detour/route"
)

// telegramLists holds what the victims announced in the two weeks before, as
// RIPEstat listed it: AS62041_prefixes.json and others.
const telegramLists = "incident/telegram-hijack-20260616"

var listName = regexp.MustCompile(`^AS([0-9]+)_prefixes\.json$`)

// telegramTable makes a table of the lists: which prefix is whose, as one peer
// would send it. It is what makes the engine warm; the recording begins only
// minutes before the hijack.
func telegramTable(folder string, bg *scenario.Background) ([]scenario.Element, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read lists of prefixes: %w", err)
	}
	var table []scenario.Element
	for _, e := range entries {
		m := listName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		asn, err := strconv.ParseUint(m[1], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", e.Name(), err)
		}
		prefixes, err := announcedPrefixes(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, p := range prefixes {
			table = append(table, scenario.Element{
				Prefix: p, Path: []route.ASN{bg.Peers[0].ASN, route.ASN(asn)}, Table: true,
			})
		}
	}
	return table, nil
}

// announcedPrefixes reads one of RIPEstat's "announced-prefixes" answers.
func announcedPrefixes(path string) ([]route.Prefix, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list struct {
		Data struct {
			Prefixes []struct {
				Prefix netip.Prefix `json:"prefix"`
			} `json:"prefixes"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var prefixes []route.Prefix
	for _, p := range list.Data.Prefixes {
		prefixes = append(prefixes, route.PrefixFrom(p.Prefix))
	}
	return prefixes, nil
}
