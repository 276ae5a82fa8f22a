package config

import "strings"

// Redact leaves out the names and passwords that URLs in text hold, which may
// be a list with commas.
func Redact(text string) string {
	if !strings.Contains(text, "@") || !strings.Contains(text, "://") && !strings.Contains(text, ",") {
		return text
	}
	urls := strings.Split(text, ",")
	for i, u := range urls {
		scheme, rest, found := strings.Cut(u, "://")
		if !found {
			scheme, rest = "", u
		}
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			urls[i] = "xxxxx" + rest[at:]
			if found {
				urls[i] = scheme + "://" + urls[i]
			}
		}
	}
	return strings.Join(urls, ",")
}
