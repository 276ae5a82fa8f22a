package config

import "strings"

// Origin says where the value at path comes from: file:line, the name of a
// variable, or "default". A path that was not written itself, such as a key that
// a member of a list lacks, is where what holds it stands.
func (c *Config) Origin(path string) string {
	for at := path; at != ""; {
		if origin := c.origin[at]; origin != "" {
			return origin
		}
		i := strings.LastIndexByte(at, '[')
		if i < 0 { // sections are made of defaults, members of lists are not
			break
		}
		if strings.HasSuffix(at, "]") {
			at = at[:i]
		} else {
			at = at[:i+strings.IndexByte(at[i:], ']')+1]
		}
	}
	return "default"
}
