"""Similar news: blocks of other articles, found, taken out and returned as data.

In a page's tree (`lift`): `nodes` answers questions about elements; links climb to cards and cards make `blocks`, with their
`headings`; `weighing` weighs them, `apart` knows a link that stands alone, `own` an article's own lists; `cards` reads entries;
`comments` are no entries.

In plain text (`split`): `lines` is the page at work; `wrapped`, `announced`, `strung`, `breaks`, `references` and `labels` put its
lines right; blocks are found in tables (`tables`), by ages that keep step (`stepped`, `aged`, weighed by `steps`), by what closes
their entries (`cadence`, `rhythm`, `dated`), by a known heading (`marked`), by an unknown one (`introduced`, `headed`,
`scattered`) or by none (`pairs`), and read by `entries`, `shapes`, `seams`, `sources` and `opened`; `head` clears what is around
the headline, and `tidy` what is left: its beginning with `head` and `lead`, its end with `foot`, promos within by `promos` and
`kindred`. `rows` knows names that ran into one line.
"""
