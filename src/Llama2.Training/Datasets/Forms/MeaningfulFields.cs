using System.Text.Json;

namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// The fields that change what a record means to the tools that read data sets: TRL, axolotl, LLaMA-Factory, ms-swift and OpenAI's fine-tuning. If a
/// record has such a field and its form does not use it, the record is refused: without the field, something else would be learned than its author
/// meant. Names are compared without case and separators, because <c>System</c> and <c>system-prompt</c> are meant as <c>system</c>.
/// </summary>
internal static class MeaningfulFields
{
    private const string OnlyTexts = "only texts can be learned";

    private static readonly Dictionary<string, string> s_reasons = Create(
        ($"a rating of the answer, which only KTO learns ({nameof(DatasetOptions)}.{nameof(DatasetOptions.ReadRatings)}): use KTO, pair each bad answer with a good one as 'chosen' and 'rejected', or keep only the good answers and remove the field", ["label", "labels", "ktotag"]),
        (OnlyTexts, ["image", "images", "imageurl", "video", "videos", "audio", "audios", "inputaudio", "objects", "file", "files"]),
        ("flags for parts of a text are not supported: split the text into messages, or let the whole message be learned or not with 'train'", ["traindetail", "trainingdetail"]),
        ("a flag for the learning of a whole record or prompt: give each message its own 'train'", ["trainoninput", "trainoninputs", "trainonprompt", "maskhistory"]),
        ("the reasoning before the answer, which the prompt format cannot write: put it into the answer's text, or leave it out", ["thinking", "reasoning", "reasoningcontent"]),
        ("", [
            "system", "systemprompt", "systemmessage", "sys", "developer", "history", "tools", "functions", "functioncall", "toolcalls", "toolcallid", "toolchoice", "name", "recipient",
            "weight", "weights", "train", "training", "trainable", "loss", "lossmask", "mask", "masked", "refusal", "prefix", "suffix", "partial", "prefill",
            "chosen", "rejected", "chosenresponse", "rejectedresponse", "rejectedmessages", "preferredoutput", "nonpreferredoutput", "margin", "answers", "ranks",
            "messages", "conversations", "conversation", "items", "prompt", "completion", "completions", "response", "output", "answer", "question", "query", "input",
            "instruction", "context", "text", "content", "value", "segments", "choices", "options", "reflection", "corrected", "chattemplate", "chattemplatekwargs",
            "responseformat", "inputids", "attentionmask", "role", "from",
        ]));

    /// <summary>Fields of a record that mean something in a message only.</summary>
    private static readonly HashSet<string> s_onlyInMessages = ["name", "role", "from", "content", "value", "recipient", "partial", "file", "files", "objects"];

    /// <summary>Whether a field with a value changes the meaning of its object.</summary>
    /// <param name="name">The field.</param>
    /// <param name="value">Its value; null, an empty text, list or object mean nothing.</param>
    /// <param name="isMessage">Whether the object is a message and not the whole record.</param>
    public static bool Contains(string name, JsonElement value, bool isMessage)
    {
        string plain = Plain(name);
        return s_reasons.ContainsKey(plain) && (isMessage || !s_onlyInMessages.Contains(plain)) && !FieldValue.IsEmpty(value);
    }

    /// <summary>Why a field cannot be used and what to do, without its first words; empty for the general reason.</summary>
    public static string ReasonOf(string name) => s_reasons[Plain(name)];

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    private static Dictionary<string, string> Create(params (string Reason, string[] Names)[] groups) =>
        groups.SelectMany(group => group.Names.Select(name => (name, group.Reason))).ToDictionary(entry => entry.name, entry => entry.Reason, StringComparer.Ordinal);
}
