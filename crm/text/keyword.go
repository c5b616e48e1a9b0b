package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"waybill/crm/interaction"
	"waybill/crm/link"
)

// The languages that we speak in texts.
const (
	english = "en"
	chinese = "zh"
)

// mostRead is how much of a text is looked at for keywords, in bytes.
const mostRead = 1024

// Request is what a person asked for by a keyword.
type Request struct {
	Topic interaction.Topic
	// Language is that of the keyword, and so of the answer.
	Language string
	// Code is what stands behind TRACK.
	Code string
}

// keyword is a word that asks for something.
type keyword struct {
	word     string
	topic    interaction.Topic
	language string
}

// alone are the keywords that are the whole text. They are written as [bare] gives
// them.
func alone() []keyword {
	return []keyword{
		{"STOP", interaction.Stop, english},
		{"STOPALL", interaction.Stop, english},
		{"UNSUBSCRIBE", interaction.Stop, english},
		{"退订", interaction.Stop, chinese},
		{"退订短信", interaction.Stop, chinese},
		{"取消订阅", interaction.Stop, chinese},
		// How Chinese messages say that they can be ended.
		{"TD", interaction.Stop, chinese},
		{"T", interaction.Stop, chinese},
		{"START", interaction.Start, english},
		{"UNSTOP", interaction.Start, english},
		{"SUBSCRIBE", interaction.Start, english},
		{"订阅", interaction.Start, chinese},
		{"恢复订阅", interaction.Start, chinese},
		{"HELP", interaction.Help, english},
		{"INFO", interaction.Help, english},
		{"帮助", interaction.Help, chinese},
	}
}

// before are the keywords that a code follows; longer ones come before those that they
// begin with.
func before() []keyword {
	return []keyword{
		{"TRACKING", interaction.Track, english},
		{"TRACK", interaction.Track, english},
		{"查询订单", interaction.Track, chinese},
		{"查询", interaction.Track, chinese},
		{"查件", interaction.Track, chinese},
		{"追踪", interaction.Track, chinese},
		{"跟踪", interaction.Track, chinese},
	}
}

// Read says what a text asks for; it is false where it asks for nothing that a machine
// answers. Case, width, spaces and signs are forgiven.
func Read(body string) (Request, bool) {
	if len(body) > mostRead {
		body = body[:mostRead]
	}
	body = norm.NFKC.String(strings.ToValidUTF8(body, ""))
	whole := bare(body)
	for _, k := range alone() {
		if whole == k.word {
			return Request{Topic: k.topic, Language: k.language}, true
		}
	}
	said := strings.TrimLeftFunc(body, sign)
	for _, k := range before() {
		if code, ok := behind(said, k.word); ok {
			return Request{Topic: k.topic, Language: k.language, Code: code}, true
		}
	}
	return Request{}, false
}

// behind is what follows the keyword that a text begins with. Where a keyword of
// letters runs on into others it is another word, unless these are a code.
func behind(said, word string) (string, bool) {
	length := 0
	for _, want := range word {
		c, size := utf8.DecodeRuneInString(said[length:])
		if unicode.ToUpper(c) != want {
			return "", false
		}
		length += size
	}
	rest := said[length:]
	next, _ := utf8.DecodeRuneInString(rest)
	if word[0] < utf8.RuneSelf && rest != "" && !sign(next) {
		if _, ok := link.ReadCode(rest); !ok {
			return "", false
		}
	}
	return strings.TrimFunc(rest, sign), true
}

// bare is a text without spaces and signs, in upper case.
func bare(body string) string {
	return strings.Map(func(c rune) rune {
		if sign(c) {
			return -1
		}
		return unicode.ToUpper(c)
	}, body)
}

// sign tells what is no letter, digit or mark: spaces, punctuation, quotes, faces.
func sign(c rune) bool {
	return !slices.ContainsFunc([]*unicode.RangeTable{unicode.L, unicode.N, unicode.M}, func(t *unicode.RangeTable) bool {
		return unicode.Is(t, c)
	})
}
