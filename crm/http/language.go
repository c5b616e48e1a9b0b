package crmhttp

import (
	"net/http"

	"golang.org/x/text/language"
)

// The languages of the pages, as BCP 47 tags; the first is for everybody else.
const (
	english = "en"
	chinese = "zh-CN"
)

// languageOf chooses the language of a page: what the reader asks for by ?lang=,
// what is known of the customer, what the browser prefers.
func languageOf(r *http.Request, customers string) string {
	matcher := language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})
	for _, wanted := range []string{r.URL.Query().Get("lang"), customers, r.Header.Get("Accept-Language")} {
		tags, _, err := language.ParseAcceptLanguage(wanted)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, index, confidence := matcher.Match(tags...); confidence > language.No {
			return []string{english, chinese}[index]
		}
	}
	return english
}
