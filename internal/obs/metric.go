package obs

// Metric names a family, so that a misspelt name does not compile.
type Metric int

// Metrics. What each means stands in the table of families.
const (
	IngestUpdates Metric = iota
	IngestElements
	IngestReadBytes
	IngestSizeBytes
	IngestReplayed
	IngestEngine
	IngestPriming
	IngestRecords
	IngestRecordsBad
	IngestResyncs
	IngestDecoded
	IngestTreatAsWithdraw
	IngestUndecodable
	IngestDecodeErrors
	IngestMessages
	IngestConnects
	IngestDisconnects
	IngestStalls
	IngestTurnedAway
	IngestSessionUps
	IngestSessionDowns
	IngestSessionResets
	IngestSourceGaps
	IngestEndsOfRIB
	IngestSkipped
	IngestSessions
	IngestLastRead
	IngestKinds
	IngestOwnAS

	LogFrames
	LogBytes
	LogStored
	LogResends
	LogTimeouts
	LogRefusals
	LogHoldbacks
	LogDroppedUpdates
	LogDroppedElements
	LogGaps
	LogOversize
	LogSpill
	LogSpillLimit
	LogEpoch

	ReaderMessages
	ReaderBytes
	ReaderPosition
	ReaderEnd
	ReaderLag
	ReaderDuplicates
	ReaderHoles
	ReaderMissing
	ReaderOpens
	ReaderLost
	ReaderSilences
	ReaderStalls
	ReaderFailures

	ShardFrames
	ShardFramesCopies
	ShardFramesBehind
	ShardFramesBad
	ShardFramesRefused
	ShardFramesSkipped
	ShardFramesAhead
	ShardFramesHeavy
	ShardFramesKept
	ShardUpdates
	ShardUpdatesUnknownPeer
	ShardElements
	ShardElementsCover
	ShardGaps
	ShardLag
	ShardPrefixes
	ShardPeers
	ShardRecords
	ShardRecordsRefused
	ShardPathsCut
	ShardSweeps
	ShardApply
	ShardApplyFrame
	ShardApplySlowest
	ShardReceiveToApplied

	TableEntries
	TableLimit
	TableRefused

	JudgeRanges
	JudgeRangesBad
	JudgeRangesSkipped
	JudgeRecords
	JudgeRecordsSkipped
	JudgeRecordsLate
	JudgeRecordsHurried
	JudgeGroups
	JudgeElements
	JudgeGaps
	JudgeRestarts
	JudgeOpened
	JudgeResolved
	JudgeHeldBack
	JudgeNearMisses
	JudgeFreshFacts
	JudgeMigrations
	JudgeIncidents
	JudgeFiring
	JudgeWatermark
	JudgeMature
	JudgeNoise
	JudgeBusy
	JudgeRange

	TellAlerts
	TellAlertsMuted
	TellAlertsKnown
	TellFlags
	TellFlagsHeld
	TellFlagsLost
	TellFlagsOld
	TellReceiveToAlert

	SinkAlerts
	SinkFailures
	SinkReopens
	SinkRedelivered
	SinkPending
	SinkPendingAge

	CoveragePeers
	CoverageEngine
	CoverageFreshness
	CoverageIngesterSilent
	CoverageIngesterUnseen
	CoverageIngesterGaps
	CoverageState
	CoverageAge

	CheckpointAge
	CheckpointBytes
	CheckpointDuration
	CheckpointStop
	CheckpointSaved
	CheckpointFailures
	CheckpointRestored

	ClusterMembers
	ClusterIngesters
	ClusterUnits
	ClusterRunning
	ClusterFirst
	ClusterOwners
	ClusterCurrent
	ClusterChanges
	ClusterRefused
	ClusterExcuses

	NATSConnected
	NATSReconnects
	NATSErrors
	NATSReceived
	NATSSent
	NATSBuffered

	HealthReady
	HealthCondition
	HealthPulseAge

	ObsBuild
	ObsRejected
	ObsScrapes

	numMetrics
)

// families is the table, by stage: every metric of detour.
var families = [...]map[Metric]Family{
	ingestFamilies, logFamilies, shardFamilies, judgeFamilies, clusterFamilies, processFamilies,
}

// Family returns the description of m.
func (m Metric) Family() Family {
	for _, part := range families {
		if f, ok := part[m]; ok {
			return f
		}
	}
	return Family{}
}

// Families returns the whole table.
func Families() []Family {
	table := make([]Family, numMetrics)
	for m := range table {
		table[m] = Metric(m).Family()
	}
	return table
}
