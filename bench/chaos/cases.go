package chaos

import "time"

// Names of cases that others refer to.
const undisturbed = "undisturbed"

// Longest pauses that the issue of the cluster allows.
const (
	standbyLimit = 100 * time.Millisecond
	deathLimit   = 1500 * time.Millisecond
	restoreLimit = 3500 * time.Millisecond // 5 s with deathLimit
	orderLimit   = 500 * time.Millisecond
	electLimit   = 20 * time.Second
	electMedian  = 8 * time.Second
	lameLimit    = 1500 * time.Millisecond
)

// specs lists the cases in the order in which they run.
func specs() []spec {
	return append(append([]spec{
		{
			name: "processor killed, 2 replicas", asked: "≤ 100 ms", limit: standbyLimit, replicas: 2, short: true,
			disturb: killProcessor,
		},
		{
			name: "processor killed in the leak, 2 replicas", asked: "nothing lost", replicas: 2, inLeak: true,
			disturb: killProcessor,
		},
		{
			name: "processor killed, 1 replica", asked: "≤ 1.5 s + restore and replay", limit: deathLimit,
			slack: restoreLimit, replicas: 1, disturb: killProcessor,
		},
		{
			name: "processor killed in the leak, 1 replica", asked: "nothing lost", replicas: 1, inLeak: true,
			disturb: killProcessor,
		},
		{
			name: "processor killed, 1 replica, 1 M prefixes", asked: "≤ 5 s", limit: deathLimit, slack: restoreLimit,
			replicas: 1, disturb: killProcessor, size: fullSize(),
		},
		{
			name: "processor frozen 10 s, 2 replicas", asked: "≤ 100 ms", limit: standbyLimit, replicas: 2,
			disturb: freezeProcessor,
		},
		{
			name: "processor frozen 10 s, 1 replica", asked: "≤ 1.5 s + restore and replay", limit: deathLimit,
			slack: restoreLimit, replicas: 1, disturb: freezeProcessor,
		},
		{name: "processor added", asked: "≤ 500 ms", limit: orderLimit, replicas: 1, disturb: addProcessor},
		{name: "processor removed in order", asked: "≤ 500 ms", limit: orderLimit, replicas: 1, disturb: removeProcessor},
		{name: "rolling restart of all", asked: "≤ 500 ms each", limit: orderLimit, replicas: 1, disturb: rollProcessors},
		{
			name: "ingester killed and started again", asked: "others unaffected, gap stated", replicas: 1, short: true,
			loses: true, disturb: killIngester, check: statesTheGap,
		},
	}, serverSpecs()...), storageSpecs()...)
}

func serverSpecs() []spec {
	return []spec{
		{
			name: "NATS server killed that leads streams", asked: "≤ 20 s, median of 5 ≤ 8 s", limit: electLimit,
			replicas: 1, short: true, times: 5, disturb: killServer,
		},
		{
			name: "NATS server killed in the leak", asked: "nothing lost", replicas: 1, inLeak: true, disturb: killServer,
		},
		{
			name: "NATS server restarted in order", asked: "≤ 1.5 s", limit: lameLimit, replicas: 1, disturb: restartServer,
		},
		{
			name: "all NATS servers down for 20 s", asked: "resumes by itself", replicas: 1, disturb: stopServers,
		},
		{
			name: "all NATS servers down for 20 s, spill too small", asked: "loss counted and stated", replicas: 1,
			spillBytes: "1MiB", later: outageAndAfter, loses: true, disturb: overflow, check: statesTheGap,
		},
		{
			name: "processor cut off from NATS for 15 s", asked: "≤ 1.5 s + restore and replay", limit: deathLimit,
			slack: restoreLimit, replicas: 1, prepare: putProxies, disturb: cutOff,
		},
	}
}

func storageSpecs() []spec {
	return []spec{
		{
			name: "disk full at a NATS server", asked: "clear error, detection goes on", replicas: 1,
			prepare: smallDisk, disturb: fillDisk, check: saysDiskFull,
		},
		{
			name: "checkpoint file truncated", asked: "clear error, detection goes on", replicas: 1,
			disturb: truncateCheckpoint, check: saysDamage,
		},
		{
			name: "checkpoint object damaged", asked: "clear error, detection goes on", replicas: 1,
			disturb: damageObject, check: saysDamage,
		},
	}
}
