package named

// All returns every scenario, by class and date.
func All() []Scenario {
	return []Scenario{
		telekomMalaysia(), google2017(), safeHost(), openX(), miami(),
		mainOne(), quadOne(), cantv(),
		bharti(), rostelecom(), vodafoneIdea(),
		youTube(), route53(), klaySwap(), twitter(),
		facebook(), facebookWhole(), quadOneLost(),
		orange(),
		neverSeen(),
		backbone(),
	}
}
