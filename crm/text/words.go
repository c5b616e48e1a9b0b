package text

// words are what answers are made of, in one language. Braces stand for what is filled
// in. Where the tracking page says the same, it says it in these words.
type words struct {
	// Where a shipment is, as on the tracking page.
	notYetMade, madeAt, made, storedAt, stored       string
	onTheWay, onTheWayNear, onTheWayAt               string
	deliveredAt, delivered, installedAt, installed   string
	returned, at, inside, offset                     string
	damaged, wrong, attemptFail, silence             string
	seen, lastKnown, since, handedOver, placeUnknown string
	promised, notPromised                            string
	// Around them.
	head, several, several1, shipment, zone, end, between string
	kilometres, metres                                    string
	compass                                               [8]string
	// A moment and a window of time, as layouts of package time.
	moment, clock, sameDay, acrossDays string

	// What else we say.
	unknownCode, howToTrack, stopped, started, tooMany, later, help string
}

// wordsOf is in the language; English for those that we don't speak.
func wordsOf(language string) *words {
	if language == chinese {
		return &words{
			notYetMade: "尚未开始生产", madeAt: "正在{place}生产", made: "生产", storedAt: "存放于{place}", stored: "仓储",
			onTheWay: "运输途中", onTheWayNear: "运输途中，{near}", onTheWayAt: "运输途中，{near}附近",
			deliveredAt: "已送达{place}", delivered: "已送达", installedAt: "已安装于{place}", installed: "已安装",
			returned: "已退回", at: "位于{place}", inside: "{facility} {place}", offset: "{place}{compass}约 {distance}",
			damaged: "发现货物损坏。", wrong: "货物出现异常。", attemptFail: "未能完成交付。", silence: "已较长时间没有收到货物的消息。",
			seen: "定位时间 {time}", lastKnown: "最后已知位置，{time}", since: "自 {time} 起", handedOver: "交付时间：{time}",
			placeUnknown: "暂不清楚货物的位置",
			promised:     "承诺送达时间：{time}", notPromised: "送达时间待定",
			head: "{order}：", several: "共 {count} 批，{done} 批已送达。", several1: "共 {count} 批。", shipment: "第 {number} 批：",
			zone: "（{zone}）", end: "。", between: "",
			kilometres: "{number}公里", metres: "{number}米",
			compass: [8]string{"以北", "东北方向", "以东", "东南方向", "以南", "西南方向", "以西", "西北方向"},
			moment:  "1月2日 15:04", clock: "15:04", sameDay: "{from}-{to}", acrossDays: "{from} 至 {to}",

			unknownCode: "没有找到这个查询码，或已过期。请核对八位字母和数字（如 7K3M-9Q2A），或联系供货方。",
			howToTrack:  "请发送“查询”加八位查询码（如 7K3M-9Q2A）。查询码在追踪页面上。",
			stopped:     "已退订，不再向您发送通知。回复“订阅”可恢复；“查询”加查询码仍可查询。",
			started:     "已恢复通知。回复“退订”可停止。",
			tooMany:     "您的短信过于频繁，请稍后再试。",
			later:       "暂时无法查询，请稍后再发一次。",
			help:        "发送“查询”加查询码（如 7K3M-9Q2A）可查货物位置；“退订”停止通知，“订阅”恢复。",
		}
	}
	return &words{
		notYetMade: "Production has not begun yet", madeAt: "Being made at {place}", made: "Production",
		storedAt: "In the warehouse at {place}", stored: "Warehouse",
		onTheWay: "On the way", onTheWayNear: "On the way, {near}", onTheWayAt: "On the way, near {near}",
		deliveredAt: "Delivered to {place}", delivered: "Delivered", installedAt: "Installed at {place}", installed: "Installed",
		returned: "Returned", at: "At {place}", inside: "{place}, {facility}", offset: "{distance} {compass} of {place}",
		damaged: "Damage was found.", wrong: "Something went wrong.", attemptFail: "We could not hand it over.",
		silence: "Nothing was heard of it for too long.",
		seen:    "Seen {time}", lastKnown: "Last known position, from {time}", since: "Since {time}", handedOver: "Handed over: {time}",
		placeUnknown: "We don't know where it is at the moment",
		promised:     "Promised delivery: {time}", notPromised: "No time of delivery is promised yet",
		head: "{order}: ", several: "{count} shipments, {done} delivered. ", several1: "{count} shipments. ", shipment: "Number {number}: ",
		zone: " ({zone})", end: ".", between: " ",
		kilometres: "{number} km", metres: "{number} m",
		compass: [8]string{"north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"},
		moment:  "2 Jan 15:04", clock: "15:04", sameDay: "{from}-{to}", acrossDays: "{from} to {to}",

		unknownCode: "That code is not known, or it has expired. It has 8 letters and digits, like 7K3M-9Q2A. Please check it, or ask the people you ordered from.",
		howToTrack:  "Please text TRACK and your code of 8 letters and digits, like TRACK 7K3M-9Q2A. You find it on the tracking page.",
		stopped:     "You get no more messages from us. Text START to get them again. TRACK and your code is still answered.",
		started:     "You get our messages again. Text STOP to end them.",
		tooMany:     "These are more texts than we can answer. Please try again later.",
		later:       "It can't be looked up just now. Please text again later.",
		help:        "Text TRACK and your code, like TRACK 7K3M-9Q2A, to learn where your order is, STOP to get no messages, START to get them again.",
	}
}
