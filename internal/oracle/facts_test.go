package oracle_test

import "testing"

// TestFactTable holds the rows of §6.
func TestFactTable(t *testing.T) {
	runScripts(t, []script{
		{"contrast is what prev lacks anywhere, its origin included", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 13335 174 15169 => " +
				"changed prev[701 13335] rep[13335 174] con[174] new[13335 174] origin-new u4 l3 exp[13335] held",
		}},
		{"an empty prev lacks everything", []string{
			"0s table A 1.2.0.0/16 = 100 => filled",
			"1s A 1.2.0.0/16 = 100 701 100 => changed prev[] rep[701] con[701] new[701] inflated u3 l1 exp[100] held",
		}},
		{"a baseline hop is not reported", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s B 1.2.0.0/16 = 200 701 174 13335 => changed rep[174] new[174] u4 exp[13335]",
		}},
		{"an unknown origin asks for newcomers only", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s B 1.2.0.0/16 = 200 701 174 64512 => changed rep[174] new[174] u4 exp[13335]",
		}},
		{"inflated from two hops more", []string{
			"0s table A 1.2.0.0/16 = 100 701 174 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 701 3356 13335 => filled",
			"1s A 1.2.0.0/16 = 100 174 701 3356 13335 => changed prev[701 174 13335] u5 l4 exp[13335] held",
			"2s A 1.2.0.0/16 = 100 174 701 3356 701 13335 => " +
				"changed prev[174 701 3356 13335] inflated u6 l4 exp[13335]",
		}},
		{"shortened from two hops less, against a held own path only", []string{
			"0s table A 1.2.0.0/16 = 100 701 174 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 701 174 13335 => filled",
			"1s A 1.2.0.0/16 = 100 701 13335 => changed prev[701 174 13335] u3 l4 exp[13335] held",
			"2s A 1.2.0.0/16 = 100 701 174 13335 => changed prev[701 13335] u4 l4 exp[13335]",
			"3s A 1.2.0.0/16 = 100 13335 => changed prev[701 174 13335] u2 l4 exp[13335]",
			"3s B 1.2.0.0/16 = 200 13335 => changed prev[701 174 13335] shortened u2 l4 exp[13335] held",
			"1.2.0.0/16 => slot B up stated=true held=false longest=4 path [13335]",
		}},
		{"shortened is not said of a down slot", []string{
			"0s table A 1.2.0.0/16 = 100 701 174 13335 => filled",
			"1s A 1.2.0.0/16 - => withdrawn prev[701 174 13335] exp[13335] loss held",
			"10m A 1.2.0.0/16 = 100 13335 => changed prev[701 174 13335] u2 l4 exp[13335]",
		}},
		{"an unknown origin is never new", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s B 1.2.0.0/16 = 200 701 {1 2} => changed u3 exp[13335]",
		}},
		{"a more-specific with only that to say is not stated", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.3.0/24 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
			"1.2.3.0/24 => slot A up stated=false held=false longest=0 path [701 13335]",
		}},
	})
}

// TestOriginTestWithoutBaseline holds the more-specific that stands in.
func TestOriginTestWithoutBaseline(t *testing.T) {
	runScripts(t, []script{
		{"one bit longer before two", []string{
			"0s table A 1.2.0.0/18 = 100 701 15169 => filled",
			"0s table A 1.2.128.0/17 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 701 3356 => changed rep[701] origin-new nobase u3 exp[13335]",
			"1.2.0.0/16 => unknown",
		}},
		{"then by address", []string{
			"0s table A 1.2.128.0/17 = 100 701 13335 => filled",
			"0s table A 1.2.0.0/17 = 100 701 15169 => filled",
			"1s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] origin-new nobase u3 exp[15169]",
		}},
		{"not three bits longer", []string{
			"0s table A 1.2.0.0/19 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 701 3356 => changed rep[701] nobase u3",
		}},
		{"one without a baseline is passed over", []string{
			"0s A 1.2.0.0/17 = 100 701 15169 => changed rep[701] nobase u3",
			"0s table A 1.2.128.0/17 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3 exp[13335]",
		}},
		{"not outside the block in which the prefix begins", []string{
			"0s table A 1.3.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.0.0/15 = 100 701 3356 => changed rep[701] nobase u3",
			"2s table A 1.4.0.0/16 = 100 701 13335 => filled",
			"3s A 1.4.0.0/15 = 100 701 3356 => changed rep[701] origin-new nobase u3 exp[13335]",
			"4s table A 1.8.0.0/15 = 100 701 13335 => filled",
			"5s A 1.8.0.0/14 = 100 701 3356 => changed rep[701] origin-new nobase u3 exp[13335]",
		}},
		{"not for IPv6", []string{
			"0s table A 2001:db8::/33 = 100 701 13335 => filled",
			"1s A 2001:db8::/32 = 100 701 3356 => changed rep[701] nobase u3",
		}},
		{"a baseline of its own goes before", []string{
			"0s table A 1.2.0.0/16 = 100 701 3356 => filled",
			"0s table A 1.2.0.0/17 = 100 701 13335 => filled",
			"1s B 1.2.0.0/16 = 200 701 13335 => changed rep[701] origin-new u3 exp[3356]",
		}},
	})
}
