using Llama2.Chat;

namespace Llama2;

// The formats of published models.
public sealed partial class PromptFormat
{
    private const string AlpacaPreamble =
        "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n";

    /// <summary>
    /// Llama 2 Chat and Code Llama Instruct (7B to 34B), as Meta's llama/generation.py encodes them, token for token. Each finished turn is encoded
    /// separately as <c>&lt;s&gt;[INST] user [/INST] answer &lt;/s&gt;</c>, without white space around the texts. The system message is put before the
    /// first user's text, between the lines <c>&lt;&lt;SYS&gt;&gt;</c> and <c>&lt;&lt;/SYS&gt;&gt;</c>. User and assistant take turns.
    /// </summary>
    public static PromptFormat Llama2 { get; } = new("llama-2", new Llama2Layout(), KnownTags.Llama2);

    /// <summary>
    /// Vicuna v0: <c>### Human: …</c> and <c>### Assistant: …</c>, each on a line of its own (FastChat, docs/vicuna_weights_version.md, and
    /// conversation.py, <c>zero_shot</c>). FastChat stops answers at <c>###</c>, which also begins headings; this library stops at <c>### Human:</c>.
    /// User and assistant take turns.
    /// </summary>
    public static PromptFormat VicunaV0 { get; } = new(
        "vicuna-v0",
        new FramedLayout
        {
            System = new("", "\n"),
            User = new("### Human: ", "\n"),
            Assistant = new(" ", "\n"),
            GenerationPrompt = "### Assistant:",
            HasTurns = true,
        },
        KnownTags.VicunaV0,
        "### Human:");

    /// <summary>
    /// Vicuna v1.1, v1.3 and v1.5: <c>USER: … ASSISTANT: …&lt;/s&gt;</c> (FastChat, conversation.py, <c>vicuna_v1.1</c>). User and
    /// assistant take turns.
    /// </summary>
    public static PromptFormat Vicuna { get; } = new(
        "vicuna-v1.1",
        new FramedLayout
        {
            System = new("", " "),
            User = new("USER: ", " "),
            Assistant = new(" ", "", EndsSequence: true),
            GenerationPrompt = "ASSISTANT:",
            HasTurns = true,
        },
        KnownTags.VicunaV1);

    /// <summary>
    /// Stanford Alpaca (stanford_alpaca/train.py, <c>prompt_no_input</c>): <c>### Instruction:</c> and <c>### Response:</c>. The opening sentence of the prompt
    /// is part of the format; a system message replaces this sentence. Alpaca was trained with one turn; further turns follow as in FastChat's <c>alpaca</c>,
    /// and
    /// each answer ends with the end-of-sequence token. User and assistant take turns.
    /// </summary>
    public static PromptFormat Alpaca { get; } = new(
        "alpaca",
        new FramedLayout
        {
            System = new("", "\n\n"),
            User = new("### Instruction:\n", "\n\n"),
            Assistant = new("", "", EndsSequence: true),
            GenerationPrompt = "### Response:",
            HasTurns = true,
            Preamble = AlpacaPreamble,
        },
        KnownTags.Alpaca,
        "### Instruction:");

    /// <summary>
    /// Alpaca's prompt for an instruction with an input. The input is a system message between the user's instruction and the answer. This is the
    /// order in the records of a data set, not in a conversation.
    /// </summary>
    internal static PromptFormat AlpacaInput { get; } = new(
        "alpaca-input",
        new FramedLayout
        {
            Preamble = "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n",
            User = new("### Instruction:\n", "\n\n"),
            System = new("### Input:\n", "\n\n"),
            Assistant = new("", "", EndsSequence: true),
            GenerationPrompt = "### Response:",
            HasTurns = false,
        },
        KnownTags.Alpaca);

    /// <summary>
    /// ChatML, the format of OpenHermes 2, Orca 2, Dolphin and others: <c>&lt;|im_start|&gt;role</c>, a line break, the text, <c>&lt;|im_end|&gt;</c>
    /// (OpenAI's chatml.md; model card of OpenHermes-2.5-Mistral-7B). Roles may be in any order.
    /// </summary>
    public static PromptFormat ChatMl { get; } = new(
        "chatml",
        new FramedLayout
        {
            System = new("<|im_start|>system\n", "<|im_end|>\n"),
            User = new("<|im_start|>user\n", "<|im_end|>\n"),
            Assistant = new("", "<|im_end|>\n"),
            GenerationPrompt = "<|im_start|>assistant\n",
            HasTurns = false,
        },
        KnownTags.ChatMl,
        "<|im_end|>");

    /// <summary>
    /// Zephyr 7B alpha and beta, and TinyLlama Chat v1.0: <c>&lt;|user|&gt;</c>, a line break, the text, <c>&lt;/s&gt;</c> (model card of
    /// zephyr-7b-beta; FastChat, <c>zephyr</c>). Roles may be in any order.
    /// </summary>
    public static PromptFormat Zephyr { get; } = new(
        "zephyr",
        new FramedLayout
        {
            System = new("<|system|>\n", "\n", EndsSequence: true),
            User = new("<|user|>\n", "\n", EndsSequence: true),
            Assistant = new("", "\n", EndsSequence: true),
            GenerationPrompt = "<|assistant|>\n",
            HasTurns = false,
        },
        KnownTags.Zephyr);

    /// <summary>
    /// Mistral 7B Instruct v0.1 and v0.2: <c>&lt;s&gt;[INST] user [/INST] answer&lt;/s&gt;[INST] …</c> (model cards; mistral-common's
    /// tokenizer v1). A system message goes before the first user's text, with an empty line between them. User and assistant take turns.
    /// </summary>
    public static PromptFormat Mistral { get; } = new("mistral-instruct", new MistralLayout(), KnownTags.Mistral);

    /// <summary>
    /// The texts one after another without anything between them, for models that were not fine-tuned for chat. Roles may be in any order, and do not
    /// appear in the prompt.
    /// </summary>
    public static PromptFormat Plain { get; } = new(
        "plain",
        new FramedLayout { System = new("", ""), User = new("", ""), Assistant = new("", ""), GenerationPrompt = "", HasTurns = false },
        []);

    /// <summary>All preset formats.</summary>
    public static IReadOnlyList<PromptFormat> Presets { get; } = Array.AsReadOnly([Llama2, VicunaV0, Vicuna, Alpaca, ChatMl, Zephyr, Mistral, Plain]);
}
