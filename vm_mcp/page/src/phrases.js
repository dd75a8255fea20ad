import { language } from "./texts.js";

/** The server's remarks in Turkish; whatever is not here is shown as it came. @type {[RegExp, string][]} */
const TURKISH = [
  [/^same as the caller ID$/, "arayan numarayla aynı"],
  [/^same as the last (\d+) digits of the caller ID$/, "arayan numaranın son $1 hanesiyle aynı"],
  [/^differs from the caller ID (.+): check by listening$/, "arayan numaradan ($1) farklı: dinleyip kontrol edin"],
  [/^one digit differs from the caller ID (.+): check by listening$/, "bir hanesi arayan numaradan ($1) farklı: dinleyip kontrol edin"],
  [/^two digits differ from the caller ID (.+): check by listening$/, "iki hanesi arayan numaradan ($1) farklı: dinleyip kontrol edin"],
  [/^the caller ID is its other line (.+)$/, "arayan numara bunun diğer hattı: $1"],
  [/^(?:another line is|other lines are) (.+)$/, "diğer hatlar: $1"],
  [/^not a complete number$/, "eksik numara"],
  [/^not a valid number$/, "geçerli bir numara değil"],
  [/^uncertain: (\d+) of its digits (?:is|are) in doubt$/, "$1 hanesi şüpheli"],
  [/^may also be (.+): check by listening$/, "şu da olabilir: $1; dinleyip kontrol edin"],
  [/^may also be (.+)$/, "şu da olabilir: $1"],
  [/^the caller corrected or denied it: check by listening$/, "arayan düzeltti ya da yalanladı: dinleyip kontrol edin"],
  [/^its last digits may be an hour or a day$/, "son haneleri saat ya da gün olabilir"],
  [/^a second reading heard another number: check by listening$/, "ikinci okuma başka numara duydu: dinleyip kontrol edin"],
  [/^a part of it was read once only: check by listening$/, "bir kısmı yalnız bir kez okundu: dinleyip kontrol edin"],
  [/^only a second reading heard it: check by listening$/, "yalnız ikinci okuma duydu: dinleyip kontrol edin"],
  [/^a number is said and could not be read: listen$/, "bir numara söyleniyor ama okunamadı: dinleyin"],
  [/^doubtful words: check by listening$/, "şüpheli kelimeler: dinleyip kontrol edin"],
  [/^before the message: misheard\?$/, "mesajdan önce: yanlış mı duyuldu?"],
  [/^which (hour|day|week|weekend|month|year|one)\?$/, "hangi $1?"],
  [/^next week, or the week after\?$/, "gelecek hafta mı, sonraki mi?"],
  [/^or a week from today\?$/, "ya da haftaya bugün mü?"],
  [/^or at that hour\?$/, "ya da o saatte mi?"],
  [/^is it an hour\?$/, "saat mi?"],
  [/^the day was not said$/, "gün söylenmedi"],
  [/^closing time is the firm's own$/, "kapanış saati iş yerine göre değişir"],
  [/^since that day\?$/, "o günden beri mi?"],
  [/^until then\?$/, "o zamana kadar mı?"],
  [/^only about that day$/, "yalnızca o gün civarı"],
  [/^that month has no such day$/, "o ayda böyle bir gün yok"],
  [/^or (.+)\?$/, "ya da $1?"],
  [/^shared by (.+)$/, "ortak numara: $1"],
  [/^Somebody speaks (.+), not understood: listen to it\.$/, "Anlaşılamayan konuşma var ($1): dinleyin."],
  [/^Nobody speaks\.$/, "Kimse konuşmuyor."],
  [/^Keys pressed (.+): (.+)\.$/, "Basılan tuşlar ($1): $2."],
  [/^today\?$/, "bugün mü?"],
  [/^corrected while speaking$/, "konuşurken düzeltildi"],
  [/^Nobody is heard: silence\.$/, "Kimse duyulmuyor: sessizlik."],
  [/^Nobody is heard: music, tones or noise (.+)\.$/, "Kimse duyulmuyor: müzik, sinyal sesi ya da gürültü ($1)."],
];

/** @type {[RegExp, string][]} */
const TURKISH_WORDS = [
  [/\bfrom (\d+) to (\d+) s\b/g, "$1-$2 sn"],
  [/\band at (\d+) more places\b/g, "ve $1 yerde daha"],
  [/ or /g, " ya da "],
  [/ and /g, " ve "],
  [/^hangi hour\?$/, "saat kaç?"],
  [/^hangi day\?$/, "hangi gün?"],
  [/^hangi week\?$/, "hangi hafta?"],
  [/^hangi weekend\?$/, "hangi hafta sonu?"],
  [/^hangi month\?$/, "hangi ay?"],
  [/^hangi year\?$/, "hangi yıl?"],
  [/^hangi one\?$/, "hangisi?"],
];

/**
 * Return a remark of the server in the page's language, as far as that is known.
 *
 * @param {string} remark Parts with semicolons between them.
 */
export function remarkText(remark) {
  return language() === "tr" ? remark.split("; ").map(inTurkish).join("; ") : remark;
}

/** @param {string} part */
function inTurkish(part) {
  const found = TURKISH.find(([form]) => form.test(part));
  if (!found) return part;
  return TURKISH_WORDS.reduce((text, [form, word]) => text.replace(form, word), part.replace(found[0], found[1]));
}
