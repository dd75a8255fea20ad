"""Times as callers say them, with what they mean: a row each of the moment, the form, the value, and ``!`` or ``?``.

``!`` is told as sure, ``?`` with a question, and ``-`` is not read at all.
"""

from typing import NamedTuple


class TimeForm(NamedTuple):
    left_at: str
    """When the message was left: local time, and its zone."""
    language: str
    text: str
    value: str
    is_sure: bool


ZONES = {"ist": "Europe/Istanbul", "lon": "Europe/London", "nyc": "America/New_York"}

_TURKISH = """
# Sunday, the last day of May
2026-05-31T11:00 ist
yarın|2026-06-01|!
pazartesi|2026-06-01|!
pazar günü|2026-06-07|?
bu cumartesi|2026-06-06|?
haftaya salı|2026-06-02|?
haftaya bugün|2026-06-07|!
dün|2026-05-30|!
evvelsi gün saat on beşte|2026-05-29T15:00|!
ay sonuna kadar|<=2026-05-31|!
ayın 5'inde|2026-06-05|?
bir ay sonra|2026-06-30|?
1 Haziran|2026-06-01|!
30 Mayıs|2027-05-30|?
hafta sonu|2026-05-30/2026-05-31|?
gelecek ayın on beşinde|2026-06-15|!
gelecek ay sonu|2026-06-30|!
haziran sonuna kadar|<=2026-06-30|!
gelecek hafta|2026-06-01/2026-06-07|?
haziranın ilk cuması|2026-06-05|!
yirmi dört saat içinde|<=2026-06-01T11:00|!
iki hafta içinde|<=2026-06-14|!
# Thursday, the last day of the year
2026-12-31T17:45 ist
yarın sabah onda|2027-01-01T10:00|!
yarın saat 9'da|2027-01-01T09:00|?
iki ocakta|2027-01-02|!
31 Aralık'ta|2026-12-31|!
sene sonuna kadar|<=2026-12-31|!
gelecek hafta|2027-01-04/2027-01-10|!
seneye|2027-01-01/2027-12-31|!
ocak ayında|2027-01-01/2027-01-31|!
şubatın yirmi sekizi|2027-02-28|!
29 Şubat|2028-02-29|?
yılbaşında|2027-01-01|?
ay başında|2027-01-01|?
gelecek ay|2027-01-01/2027-01-31|!
bu akşam sekizde|2026-12-31T20:00|!
bu gece on ikide|2027-01-01T00:00|?
yarım saat sonra|2026-12-31T18:15|!
on gün sonra|2027-01-10|!
ayın birinde|2027-01-01|?
ayın ilk pazartesisi|2027-01-04|?
# Saturday, the day before a leap day that is not
2027-02-27T10:00 ist
yarından sonraki gün|2027-03-01|!
ayın yirmi dokuzunda|2027-03-29|?
29 Şubat|2028-02-29|?
pazartesiye kadar|<=2027-03-01|!
bir yıl sonra|2028-02-27|!
haftaya pazar|2027-03-07|!
hafta sonu|2027-02-27/2027-02-28|?
hafta sonuna kadar|<=2027-02-28|?
# The leap day itself, a Tuesday
2028-02-29T09:30 ist
bir yıl sonra|2029-02-28|?
salı günü|2028-03-07|?
bu perşembe|2028-03-02|!
çarşamba günü saat on beş buçukta|2028-03-01T15:30|!
bugün on yedi otuzda|2028-02-29T17:30|!
bugün saat ikide|2028-02-29T14:00|?
bugün öğleden sonra üçte|2028-02-29T15:00|!
öğleden sonra üçte|2028-02-29T15:00|?
yarın öğlen bir buçukta|2028-03-01T13:30|!
cumadan önce|<2028-03-03|!
cumartesiden sonra|>2028-03-04|!
perşembeden itibaren|>=2028-03-02|!
perşembeden beri|>=2028-02-24|?
geçen hafta perşembe|2028-02-24|!
önümüzdeki hafta perşembe günü|2028-03-09|?
gelecek hafta perşembe günü|2028-03-09|!
perşembe günü geldim|2028-03-02|?
iki gün önce gelmiştim|2028-02-27|!
# Half past midnight, when "tomorrow" may be the day that has begun
2026-09-15T00:30 ist
yarın sabah dokuzda|2026-09-16T09:00|?
bugün|2026-09-15|?
öbür gün|2026-09-17|?
16 Eylül|2026-09-16|!
# An ordinary Tuesday
2026-09-15T14:05 ist
on yedi eylül perşembe|2026-09-17|!
on yedi eylül cuma|2026-09-17|?
17 Eylül Perşembe günü saat 14:30'da|2026-09-17T14:30|!
yirmi eylülden yirmi beş eylüle kadar|2026-09-20/2026-09-25|!
20-25 Eylül|2026-09-20/2026-09-25|!
yirmi ile yirmi beş eylül arası|2026-09-20/2026-09-25|!
ayın yirmisinden yirmi beşine kadar|2026-09-20/2026-09-25|!
cuma ile pazar arası|2026-09-18/2026-09-20|!
pazartesiden cumaya kadar|2026-09-21/2026-09-25|!
saat üç buçukta|15:30|?
saat 15.30'da|15:30|!
saat 10.12'de|10:12|?
saat on beş otuzda|15:30|!
on beşe on var|14:50|!
sekize yirmi var|07:40|?
sekizi çeyrek geçe|08:15|?
beşi on geçiyor|17:10|?
yarın ona çeyrek kala|2026-09-16T09:45|?
yarın on ikiyi beş geçe|2026-09-16T12:05|?
sabah dokuz buçukta|09:30|!
akşam yedide|2026-09-15T19:00|?
gece yarısı|00:00|?
yarın gece ikide|2026-09-17T02:00|?
yarın gece on buçukta|2026-09-16T22:30|!
yarın akşama kadar|<=2026-09-16T18:00|?
yarına kadar|<=2026-09-16|!
en geç cuma|<=2026-09-18|!
en geç yarın saat on yediye kadar|<=2026-09-16T17:00|!
saat on yediye kadar|<=2026-09-15T17:00|?
üçten sonra|>2026-09-15T15:00|?
saat dörtten önce|<2026-09-15T16:00|?
yarın saat ondan önce|<2026-09-16T10:00|?
yarın on ile on iki arasında|2026-09-16T10:00/2026-09-16T12:00|?
14:00-16:00 arası|14:00/16:00|!
yarın üçten beşe kadar|2026-09-16T15:00/2026-09-16T17:00|?
perşembe sabahı|2026-09-17T08:00/2026-09-17T12:00|?
yarın öğleden önce|<2026-09-16T12:00|!
bu hafta cuma|2026-09-18|!
öbür hafta|2026-09-28/2026-10-04|?
gelecek salı|2026-09-22|?
önümüzdeki perşembe|2026-09-17|?
geçen cuma|2026-09-11|?
bir hafta sonra|2026-09-22|!
üç ay sonra|2026-12-15|!
iki saat içinde|<=2026-09-15T16:05|!
bir buçuk saat önce|2026-09-15T12:35|!
çeyrek saat sonra|2026-09-15T14:20|!
onbeş dakika sonra|2026-09-15T14:20|!
bu ay içinde|<=2026-09-30|!
bu hafta içinde|<=2026-09-20|!
saat sıfır dokuz otuzda|09:30|!
onuncu ayın beşi|2026-10-05|!
10. ayın 5'inde|2026-10-05|!
01.10.2026'da|2026-10-01|!
1.10.2026 tarihinde|2026-10-01|!
2026-10-01|2026-10-01|!
12.10 tarihinde|2026-10-12|!
3/10|2026-10-03|!
5 Ağustos 2026|2026-08-05|?
5 Ekim 2 bin 27|2027-10-05|!
beş ekim iki bin yirmi yedi|2027-10-05|!
yarın, pardon, öbür gün|2026-09-17|?
yarın saat on dörtte iki kişilik masa|2026-09-16T14:00|!
yarın bir arayın|2026-09-16|!
yarın bir gibi|2026-09-16T13:00|?
on yedi eylülde saat on dörtteki randevum|2026-09-17T14:00|!
mesai bitiminden önce|<2026-09-15T18:00|?
dün saat on altı sularında|2026-09-14T16:00|!
yarın saat ona kadar|<=2026-09-16T10:00|?
yarın ona kadar|<=2026-09-16T10:00|?
saat onu on geçe|10:10|?
onu yirmi bir mart|2027-03-21|?
gecenin üçünde|03:00|?
yarın sabahın yedi buçuğunda|2026-09-16T07:30|!
gece 23:00|23:00|!
yarın gece bire çeyrek kala|2026-09-17T00:45|?
yarın 00:30|2026-09-16T00:30|?
ayın biri ile onu arası|2026-10-01/2026-10-10|?
ekimin onu|2026-10-10|!
iki hafta sonra cuma|2026-10-02|?
20 - 25 Eylül|2026-09-20/2026-09-25|!
cuma günü kadar|<=2026-09-18|?
20 Eylül tarihine kadar|<=2026-09-20|!
salıdan perşembeye almak istiyorum|2026-09-22/2026-09-24|?
cumadan pazara kadar|2026-09-18/2026-09-20|!
saat ikiden üçe alabilir misiniz|14:00/15:00|?
yılbaşı gecesi|2026-12-31T21:00/2027-01-01T00:00|?
on dokuz ocak pazartesi|2026-01-19|?
saat birde birini gönderin|13:00|?
doğum günü 20 eylül|2026-09-20|!
yarın ikiye|2026-09-16T14:00|?
pazara kadar|<=2026-09-20|!
# What is no time, or not all of it can be read
pazara gittim||-
pazar yerinde||-
Moda Caddesi 12/5||-
no 12/3||-
3/4||-
7/24||-
bu ayın faturası||-
onu beş kişi||-
yarım ekmek||-
24 saat açık||-
üç saattir bekliyorum||-
saat on kadar||-
hafta içi akşam altıdan sonra||-
her salı||-
salıları||-
yarın değil||-
cuma namazından sonra||-
pazar yeri||-
pazartesi salı||-
üç gece kalacağız||-
iki üç gün sonra||-
birkaç gün sonra||-
üçte biri||-
kat 5'te||-
masa 4'te||-
no 14'te oturuyorum||-
saat on dört lira||-
14.30 lira||-
yüzde on beş||-
Mayıs Hanım aradı||-
Nisan Yılmaz ben||-
Eylül'le konuştum||-
Ekim Apartmanı||-
Cuma Bey sizi aradı||-
29 Ekim İlkokulu||-
23 Nisan Caddesi||-
Salı Pazarı||-
son derece memnunum||-
ön kapıda bekliyorum||-
ondan sonra||-
onu arayın||-
0212 555 12 34'te||-
beş yüz otuz iki dört yüz on beş||-
sipariş 14 30'da||-
31 Kasım||-
saat 25'te||-
on üçüncü ay||-
saat kaçta||-
bayramdan sonra||-
ertesi gün||-
martı gördüm||-
iki aylık||-
"""

_ENGLISH = """
# Saturday before clocks go forward in London
2027-03-27T15:00 lon
tomorrow at 01:30|2027-03-28T01:30|?
tomorrow at half past nine in the morning|2027-03-28T09:30|!
in twelve hours|2027-03-28T04:00|!
on Sunday at 3 pm|2027-03-28T15:00|!
this weekend|2027-03-27/2027-03-28|?
Monday at 10:30 am|2027-03-29T10:30|!
the end of the month|2027-03-31|!
# Saturday before clocks go back in New York
2026-10-31T22:30 nyc
tomorrow at 01:30|2026-11-01T01:30|?
in four hours|2026-11-01T01:30|!
tomorrow at 1 pm|2026-11-01T13:00|!
at midnight|00:00|?
by the end of the month|<=2026-10-31|!
on the first|2026-11-01|?
11/12/2026|2026-12-11|?
next month|2026-11-01/2026-11-30|!
# New Year's Eve
2026-12-31T09:15 nyc
tomorrow|2027-01-01|!
the day after tomorrow|2027-01-02|!
the day before yesterday|2026-12-29|!
January 2nd|2027-01-02|!
January 2nd at 2 pm|2027-01-02T14:00|!
next year|2027-01-01/2027-12-31|!
New Year's Day|2027-01-01|!
by close of business|<=2026-12-31T18:00|?
last Monday|2026-12-28|?
in a fortnight|2027-01-14|!
a month ago|2026-11-30|?
this afternoon at four|2026-12-31T16:00|!
tonight at nine|2026-12-31T21:00|!
within 48 hours|<=2027-01-02T09:15|!
# Sunday
2026-08-30T18:20 lon
Monday|2026-08-31|!
next Monday|2026-08-31|?
Monday next week|2026-08-31|?
this coming Friday|2026-09-04|!
a week on Monday|2026-09-07|!
Tuesday week|2026-09-08|!
two weeks from Friday|2026-09-18|!
a week tomorrow|2026-09-07|!
in September|2026-09-01/2026-09-30|!
on the thirty-first|2026-08-31|?
the fifth of next month|2026-09-05|!
the first Monday in September|2026-09-07|!
# A Wednesday
2026-06-10T11:05 lon
on Friday at quarter past two|2026-06-12T14:15|?
at quarter past two pm|14:15|!
ten to five|16:50|?
five past six in the evening|2026-06-10T18:05|?
half eleven|11:30|?
half past eleven|11:30|?
at nine o'clock|09:00|?
at two thirty|14:30|?
at 2:30 pm|14:30|!
at 14:30|14:30|!
at 2pm tomorrow|2026-06-11T14:00|!
at 2 p.m. tomorrow|2026-06-11T14:00|!
noon tomorrow|2026-06-11T12:00|!
seven thirty tomorrow evening|2026-06-11T19:30|!
tomorrow morning at nine fifteen|2026-06-11T09:15|!
eight in the morning|08:00|!
June 12th|2026-06-12|!
12 June 2026|2026-06-12|!
June 12, 2026|2026-06-12|!
Friday, June 12th at 3 pm|2026-06-12T15:00|!
Friday the twelfth|2026-06-12|!
Thursday the twelfth|2026-06-12|?
the twelfth of June|2026-06-12|!
the twenty-first of June twenty twenty-six|2026-06-21|!
on the twelfth|2026-06-12|?
May 5th|2027-05-05|?
25/12/2026|2026-12-25|!
5/12|2026-12-05|?
from Monday to Friday|2026-06-15/2026-06-19|!
from the twentieth to the twenty-fifth of June|2026-06-20/2026-06-25|!
June 20th to 25th|2026-06-20/2026-06-25|!
from two to four pm|14:00/16:00|!
between ten and twelve tomorrow|2026-06-11T10:00/2026-06-11T12:00|?
from nine to five|09:00/17:00|?
before Friday|<2026-06-12|!
no later than Friday|<=2026-06-12|!
until next Tuesday|<=2026-06-16|?
after 5 pm|>2026-06-10T17:00|?
after Monday|>2026-06-15|!
from Monday|>=2026-06-15|!
since Monday|>=2026-06-08|?
by tomorrow noon|<=2026-06-11T12:00|!
three days ago|2026-06-07|!
in three days' time|2026-06-13|!
in two and a half hours|2026-06-10T13:35|!
half an hour ago|2026-06-10T10:35|!
within three days|<=2026-06-13|!
I called on Monday|2026-06-15|?
Monday, sorry, Tuesday|2026-06-16|?
tomorrow by email|2026-06-11|!
this Friday at noon|2026-06-12T12:00|!
next Wednesday|2026-06-17|?
last week|2026-06-01/2026-06-07|!
tomorrow afternoon|2026-06-11T13:00/2026-06-11T18:00|?
on or after Friday|>=2026-06-12|!
on or before Friday|<=2026-06-12|!
by end of day Friday|<=2026-06-12|!
today by five|<=2026-06-10T17:00|?
between Friday and Sunday|2026-06-12/2026-06-14|!
from Friday to Sunday|2026-06-12/2026-06-14|!
to move it from Friday to Monday|2026-06-12/2026-06-15|?
in the next two days|<=2026-06-12|!
before Christmas|<2026-12-25|?
at nine oh five|09:05|?
seven minutes past six|18:07|?
on the 21st at 4|2026-06-21T16:00|?
a week ago Tuesday||-
happy new year||-
merry Christmas||-
24/7||-
Mr. Friday||-
Monday onwards||-
not tomorrow||-
every Monday||-
on Mondays||-
the second floor||-
on the second line||-
Mr. March speaking||-
April called||-
may I call you||-
at 5 Main Street||-
at two locations||-
call 555 0134||-
extension 1430||-
twenty five pounds||-
give me a second||-
in a minute||-
I was on hold for two hours||-
for three nights||-
half of it||-
one of us||-
the last one||-
this is Ellen||-
a couple of days ago||-
later today||-
June 31st||-
at half past||-
"""


def _forms(rows: str, language: str) -> list[TimeForm]:
    left_at, forms = "", []
    for row in filter(None, rows.splitlines()):
        if "|" in row:
            text, value, mark = row.split("|")
            forms.append(TimeForm(left_at, language, text, value if mark != "-" else "", mark == "!"))
        elif not row.startswith("#"):
            left_at = row
    return forms


FORMS = [*_forms(_TURKISH, "tr"), *_forms(_ENGLISH, "en")]
