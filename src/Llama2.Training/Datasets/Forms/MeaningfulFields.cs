using System.Text.Json;

namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// The fields that change what a record means to the tools that read data sets: TRL, axolotl, LLaMA-Factory, ms-swift and OpenAI's fine-tuning. If a
/// record has such a field and its form does not use it, the record is refused: without the field, the model would learn something other than the author
/// meant. Names are compared without case and separators, because <c>System</c> and <c>system-prompt</c> mean the same as <c>system</c>.
/// </summary>
internal static class MeaningfulFields
{
    private const string OnlyTexts = "only texts can be learned";

    private static readonly string[] s_systems = ["system", "systemprompt", "systemmessage", "sys", "developer"];

    // The names of lists. In tables they are texts, and an empty list is [] or null.
    private static readonly string[] s_lists =
    [
        "image", "images", "video", "videos", "audio", "audios", "objects", "file", "files", "rejectedimages", "tools", "functions", "toolcalls", "functioncall", "history", "messages", "conversations",
        "conversation", "items", "segments", "traindetail", "trainingdetail", "rejectedmessages", "completions", "labels", "choices", "answers", "options", "chattemplatekwargs", "inputids", "weights",
    ];

    private static readonly Dictionary<string, string> s_reasons = Create(
        ($"a rating of the answer, which only KTO learns ({nameof(DatasetOptions)}.{nameof(DatasetOptions.ReadRatings)}): use KTO, pair each bad answer with a good one as 'chosen' and 'rejected', or keep only the good answers and remove the field", ["label", "labels", "ktotag"]),
        (OnlyTexts, ["image", "images", "imageurl", "video", "videos", "audio", "audios", "inputaudio", "objects", "file", "files", "rejectedimages"]),
        ("flags for parts of a text are not supported: split the text into messages, or state with 'train' whether the whole message is learned", ["traindetail", "trainingdetail"]),
        ("a flag for the learning of a whole record or prompt: give each message its own 'train'", ["trainoninput", "trainoninputs", "trainonprompt", "maskhistory"]),
        ("the reasoning before the answer, which the prompt format cannot write: put it into the answer's text, or leave it out", ["thinking", "reasoning", "reasoningcontent"]),
        ("records that are already tokens are not read: give their texts", ["inputids", "attentionmask", "completionmask", "assistantmasks"]),
        ("log-probabilities of the reference model, which are computed here: remove the field", ["refchosenlogps", "refrejectedlogps", "referencechosenlogps", "referencerejectedlogps"]),
        ("", [
            .. s_systems, "history", "tools", "functions", "functioncall", "toolcalls", "toolcallid", "toolchoice", "name", "recipient",
            "weight", "weights", "train", "training", "trainable", "loss", "lossmask", "lossscale", "mask", "masked", "refusal", "prefix", "suffix", "partial", "prefill",
            "chosen", "rejected", "chosenresponse", "rejectedresponse", "rejectedmessages", "preferredoutput", "nonpreferredoutput", "margin", "answers", "ranks",
            "messages", "conversations", "conversation", "items", "prompt", "completion", "completions", "response", "output", "answer", "question", "query", "input",
            "instruction", "context", "article", "text", "content", "value", "segments", "choices", "options", "solution", "explanation", "generation", "reflection", "corrected", "revision", "critiques",
            "chattemplate", "chattemplatekwargs", "responseformat", "role", "from",
        ]));

    /// <summary>Fields of a record that mean something in a message only.</summary>
    private static readonly HashSet<string> s_onlyInMessages = ["name", "role", "from", "content", "value", "recipient", "partial", "file", "files", "objects"];

    // Tools and calls are rendered by some chat templates as they are, but only these names state what a tool takes or returns, or what a call passes.
    private static readonly HashSet<string> s_ofTools = ["name", "description", "parameters", "function", "inputschema", "schema", "arguments", "args", "input", "return", "returns", "response", "output"];
    private static readonly HashSet<string> s_ofCalls = ["name", "arguments", "function", "parameters", "args", "input", "kwargs"];

    /// <summary>
    /// Why a field cannot be left out and what to do, without the first words of the message; empty for the general reason, null if the field changes no
    /// meaning.
    /// </summary>
    /// <param name="name">The field.</param>
    /// <param name="scope">The object in which it is.</param>
    public static string? ReasonOf(string name, FieldScope scope)
    {
        string plain = Plain(name);
        return scope switch
        {
            FieldScope.Tool => s_ofTools.Contains(plain) ? "" : null,
            FieldScope.Call => s_ofCalls.Contains(plain) ? "" : null,
            _ => scope == FieldScope.Message || !s_onlyInMessages.Contains(plain) ? s_reasons.GetValueOrDefault(plain) : null,
        };
    }

    /// <summary>Whether a value of a field means nothing: null, and an empty text, list or object.</summary>
    public static bool IsEmpty(string name, JsonElement value) => s_lists.Contains(Plain(name)) ? FieldValue.IsEmpty(value) : FieldValue.IsBlank(value);

    /// <summary>Whether a field is a system message.</summary>
    public static bool IsSystem(string name) => s_systems.Contains(Plain(name));

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    private static Dictionary<string, string> Create(params (string Reason, string[] Names)[] groups) =>
        groups.SelectMany(group => group.Names.Select(name => (name, group.Reason))).ToDictionary(entry => entry.name, entry => entry.Reason, StringComparer.Ordinal);
}
