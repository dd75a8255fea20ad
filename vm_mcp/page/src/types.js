/**
 * What the server answers; a field that is not known is left out.
 *
 * @typedef {[text: string, start: number | null, isDoubtful: 0 | 1]} Word
 *
 * @typedef {object} Segment
 * @property {number} start_seconds
 * @property {number} end_seconds
 * @property {string} [language]
 * @property {Word[]} words
 *
 * @typedef {object} Transcript
 * @property {string} [language] "tr", or "tr, en"
 * @property {Segment[]} segments
 * @property {boolean} [is_cut] Only its beginning is here
 * @property {boolean} [hardly_understood]
 * @property {boolean} [by_machine]
 * @property {string} [heard] What is heard beside the words, in English
 *
 * @typedef {object} PhoneNumber
 * @property {string} [number]
 * @property {string} [in_doubt] The number with its doubtful digits in braces
 * @property {string} heard
 * @property {string} [e164]
 * @property {boolean} is_valid
 * @property {number} [confidence]
 * @property {"yes" | "no"} [same_as_caller]
 * @property {string} [verdict]
 * @property {number} [start_seconds]
 *
 * @typedef {object} HeardOtherwise
 * @property {string} heard
 * @property {string} other
 * @property {number} start_seconds
 *
 * @typedef {object} SaidTime
 * @property {string} heard
 * @property {string} value A moment, a day, or a time of day, in ISO form
 * @property {string} [until]
 * @property {"by" | "before" | "from" | "after"} [bound]
 * @property {boolean} is_sure
 * @property {string} [question]
 * @property {boolean} [passed]
 *
 * @typedef {object} Callback
 * @property {"called_back" | "tried" | "not_called" | "unknown"} state
 * @property {string} [at]
 * @property {string} [extension]
 * @property {string} [extension_name]
 * @property {number} [talk_seconds]
 * @property {number} [tries]
 * @property {string} [rang_again_at]
 * @property {string} [reason]
 *
 * @typedef {"told" | "done" | "open"} MarkState
 *
 * @typedef {object} Voicemail
 * @property {string} uuid
 * @property {string} [extension]
 * @property {string} [received_at]
 * @property {string} [caller_id_name]
 * @property {string} [caller_id_number]
 * @property {string} [contact]
 * @property {number} [duration_seconds]
 * @property {boolean} is_read
 * @property {boolean} is_open
 * @property {boolean} playing_marks_read
 * @property {"nobody" | "assistant" | "person"} [heard_by]
 * @property {"new" | "told" | "called_back" | "tried" | "done" | "unknown"} [state]
 * @property {string} [handled]
 * @property {string} [note]
 * @property {string} [first_line]
 * @property {boolean} [no_speech]
 * @property {boolean} [not_understood]
 * @property {Callback} [callback]
 * @property {{state: MarkState, at: string, by?: string}} [mark]
 * @property {{at: string, by?: string}} [opening]
 * @property {string} [snippet]
 * @property {string[]} [close]
 * @property {Transcript} [transcript]
 * @property {PhoneNumber[]} [phone_numbers]
 * @property {HeardOtherwise[]} [heard_otherwise]
 * @property {SaidTime[]} [times]
 * @property {string} [peaks]
 *
 * @typedef {object} MessagePage
 * @property {Voicemail[]} voicemails
 * @property {Record<string, string>} [owners]
 * @property {string[]} mailboxes
 * @property {number} [total_count]
 * @property {string} [next_cursor]
 * @property {string} now
 * @property {string} timezone
 * @property {boolean} can_play
 * @property {boolean} can_update
 * @property {string} [notice]
 *
 * @typedef {object} AudioChunk
 * @property {number} sample_rate In Hz
 * @property {number} total_samples
 * @property {number} offset Of the first sample in `data`
 * @property {string} data Base64 of mu-law, one byte a sample
 * @property {boolean} marked_read
 */

/**
 * What the page knows of the place it is shown in; the fields of an MCP host's context.
 *
 * @typedef {object} HostContext
 * @property {string} [locale]
 * @property {"light" | "dark"} [theme]
 * @property {{variables?: Record<string, string | undefined>}} [styles]
 * @property {string} [displayMode]
 * @property {string[]} [availableDisplayModes]
 * @property {{height?: number, maxHeight?: number}} [containerDimensions]
 */

/**
 * The way to the server.
 *
 * @typedef {object} Bridge
 * @property {HostContext} context
 * @property {boolean} isHosted Whether an MCP host shows the page
 * @property {(name: string, args: object) => Promise<any>} call Throws a `BridgeError`
 * @property {(changed: () => void) => void} onContext
 * @property {() => Promise<{extension?: string, since?: string}>} asked The arguments of `show_inbox`
 * @property {(height: number) => void} sizeTo
 * @property {((mode: string) => Promise<void>) | null} show Changes the display mode
 * @property {(() => Promise<void>) | null} end Ends the server
 * @property {(stop: () => void) => void} onEnd
 */

export {};
