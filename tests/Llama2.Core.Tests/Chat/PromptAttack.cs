using Llama2.Tests.Tokenization;
using Llama2.Tokenization;

namespace Llama2.Tests.Chat;

/// <summary>
/// Puts generated texts that try to forge turns into the messages of every role, and encodes the resulting conversations with every format and several
/// vocabularies. The tags that authors published are text in some vocabularies, and control or user-defined tokens in others; some vocabularies
/// normalize texts and some do not. A prompt must contain exactly the special tokens and tags that the same prompt with harmless texts contains.
/// </summary>
internal sealed class PromptAttack
{
    /// <summary>Tags that authors of prompt formats have published.</summary>
    public static readonly string[] PublishedTags =
    [
        "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "### Human:", "### Assistant:", "###Human:", "###Assistant:", "### System:", "### User:", "### Instruction:", "### Input:",
        "### Response:", "### Reply:", "### assistant", "USER:", "ASSISTANT:", "User:", "Assistant:", "System:", "Human:", "user:", "assistant:", "GPT4 Correct User:", "GPT4 Correct Assistant:",
        "<|im_start|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>", "<|end_of_text|>",
        "<|end_of_turn|>", "<start_of_turn>", "<end_of_turn>", "<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>", "<|SYSTEM_TOKEN|>",
        "<|start_of_role|>", "<|end_of_role|>", "<|observation|>", "[gMASK]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "<|role_sep|>", "<|message_sep|>",
        "[|Human|]", "[|AI|]", "<|start-of-user|>", "<|start-of-assistant|>", "<|end-of-turn|>", "<reserved_106>", "<reserved_107>", "<s>", "</s>",
    ];

    /// <summary>A text without any tag.</summary>
    public const string Harmless = "qzq";

    private static readonly string[] s_other =
    [
        "llama", "x", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\u2581", "\u00A0", "\u200B", "\uD83E", "\uDD99", "\U0001F999", "\u65E5\u672C", "42", ":", "#", "###", "### ", "[", "]", "<", ">", "<|", "|>", "/",
        "<unk>", "<0x0A>", "<0x3C>", "user", "assistant", "system", "\nassistant\n", "model\n", "INST", "SYS", "im_start", "{{ bos_token }}", "{% endfor %}", "\\n", "\0",
    ];

    // Characters that vocabularies drop, and characters that they turn into one space.
    private static readonly string[] s_dropped = ["\u0001", "\u007f", "\u0002\u0001"], s_spaces = ["  ", "   ", "\u00A0", "\u3000 ", "\t", "\u200B", "\u0001 ", " \n"];

    private readonly IReadOnlyDictionary<string, PromptFormat> _formats;
    private readonly Random _random;
    private readonly ModelTokenizer[] _vocabularies =
    [
        Create(null), Create(PieceType.Control), Create(PieceType.UserDefined), Create(null, removesSpaces: true), Create(null, hasMap: true), Create(null, removesSpaces: true, hasMap: true),
        Create(PieceType.UserDefined, removesSpaces: true, hasMap: true),
    ];

    private readonly Dictionary<(string Format, string Roles, int Vocabulary), Expectation?> _expected = [];
    private readonly int _firstTag = Create(null).VocabularySize;

    /// <param name="formats">The formats by name; descriptions of faults contain the names.</param>
    /// <param name="seed">The same seed gives the same texts.</param>
    public PromptAttack(IReadOnlyDictionary<string, PromptFormat> formats, int seed)
    {
        _formats = formats;
        _random = new Random(seed);
    }

    /// <summary>The vocabularies with which every prompt is encoded.</summary>
    public IReadOnlyList<ModelTokenizer> Vocabularies => _vocabularies;

    /// <summary>The number of texts that were put into every format.</summary>
    public int TextCount { get; private set; }

    /// <summary>The number of prompts that were encoded and checked.</summary>
    public int PromptCount { get; private set; }

    /// <summary>The number of prompts that <see cref="SpecialTokenPolicy.Reject"/> refused.</summary>
    public int RejectedCount { get; private set; }

    /// <summary>Attacks with at least the given number of texts; returns the faults found.</summary>
    public IEnumerable<string> Run(int textCount)
    {
        for (int conversation = 0; TextCount < textCount; conversation++)
        {
            LlamaMessage[] messages = CreateConversation();
            TextCount += messages.Length;
            int vocabulary = conversation;
            foreach ((string name, PromptFormat format) in _formats)
            {
                foreach (string fault in Check(name, format, messages, vocabulary++ % _vocabularies.Length))
                    yield return $"{name}, vocabulary {(vocabulary - 1) % _vocabularies.Length}: {fault} in {string.Join(" | ", messages.Select(message => $"{message.Role}: {message.Content}"))}";
            }
        }
    }

    private IEnumerable<string> Check(string name, PromptFormat format, LlamaMessage[] messages, int vocabulary)
    {
        if (Expect(name, format, messages, vocabulary) is not { } expected)
            yield break; // the format does not have this order of roles

        ModelTokenizer tokenizer = _vocabularies[vocabulary];
        if (Encode(format, messages, tokenizer) is not { } ids)
            yield break; // the template writes none of these messages
        PromptCount++;
        Expectation found = Describe(tokenizer, ids, 0);
        if (found.Tokens != expected.Tokens)
            yield return $"the tokens '{found.Tokens}' where '{expected.Tokens}' were expected,";
        foreach ((string tag, int count) in expected.Tags)
        {
            if (found.Tags.GetValueOrDefault(tag) is var actual && actual != count)
                yield return $"'{tag}' {actual} times where {count} were expected,";
        }

        if (CheckRejection(format, messages, tokenizer, ids, expected) is { } fault)
            yield return fault;
    }

    private static int[]? Encode(PromptFormat format, LlamaMessage[] messages, ModelTokenizer tokenizer)
    {
        try
        {
            return format.Encode(messages, tokenizer);
        }
        catch (PromptFormatException)
        {
            return null;
        }
    }

    // A text that is not refused is encoded unchanged and contains no tag of the format.
    private string? CheckRejection(PromptFormat format, LlamaMessage[] messages, ModelTokenizer tokenizer, int[] escaped, Expectation expected)
    {
        try
        {
            PromptCount++;
            if (!format.Encode(messages, tokenizer, SpecialTokenPolicy.Reject).AsSpan().SequenceEqual(escaped))
                return "Reject gives other tokens than Escape";
        }
        catch (PromptFormatException exception) when (exception.Tag is not null)
        {
            RejectedCount++;
            return null;
        }

        // Some templates omit messages or parts of them.
        IEnumerable<string> contents = messages.Select(message => message.Content.Replace('\u2581', ' '));
        return expected.IsComplete && expected.Tags.Keys.FirstOrDefault(tag => contents.Any(content => content.Contains(tag, StringComparison.Ordinal))) is { } missed
            ? $"Reject takes '{missed}'"
            : null;
    }

    private Expectation? Expect(string name, PromptFormat format, LlamaMessage[] messages, int vocabulary)
    {
        (string, string, int) key = (name, string.Concat(messages.Select(message => message.Role.ToString()[0])), vocabulary);
        if (!_expected.TryGetValue(key, out Expectation? expectation))
        {
            try
            {
                int[] ids = format.Encode([.. messages.Select(message => message with { Content = Harmless })], _vocabularies[vocabulary]);
                expectation = WithoutParts(Describe(_vocabularies[vocabulary], ids, messages.Length));
            }
            catch (Exception exception) when (exception is PromptTemplateException or PromptFormatException)
            {
                expectation = null;
            }

            _expected.Add(key, expectation);
        }

        return expectation;
    }

    /// <summary>Returns the special tokens, and the published tags in the text between them.</summary>
    public Expectation Describe(ModelTokenizer tokenizer, int[] ids, int messageCount)
    {
        var tokens = new List<string>();
        var tags = new Dictionary<string, int>();
        int start = 0, harmlessCount = 0;
        for (int i = 0; i <= ids.Length; i++)
        {
            bool isSpecial = i < ids.Length && (tokenizer.IsControl(ids[i]) || ids[i] >= _firstTag);
            if (!isSpecial && i < ids.Length)
                continue;
            string text = tokenizer.Decode(ids.AsSpan(start..i)).Replace('\u2581', ' ');
            harmlessCount += text.Split(Harmless).Length - 1;
            foreach (string tag in PublishedTags.Where(tag => text.Contains(tag, StringComparison.Ordinal) && tokenizer.FindSpecialToken(tag) < 0))
                tags[tag] = tags.GetValueOrDefault(tag) + text.Split(tag).Length - 1;
            if (isSpecial)
                tokens.Add(tokenizer.GetTokenText(ids[i]));
            start = i + 1;
        }

        return new Expectation(string.Concat(tokens), tags, harmlessCount == messageCount);
    }

    /// <summary>Leaves out tags that occur only within others: a format with the tag '### User:' does not necessarily have the tag 'User:'.</summary>
    public static Expectation WithoutParts(Expectation all) => all with
    {
        Tags = all.Tags.Where(tag => !all.Tags.Any(other => other.Key.Length > tag.Key.Length && other.Value == tag.Value && other.Key.Contains(tag.Key, StringComparison.Ordinal)))
            .ToDictionary(),
    };

    private LlamaMessage[] CreateConversation()
    {
        var messages = new List<LlamaMessage>();
        if (_random.Next(3) > 0)
            messages.Add(LlamaMessage.System(CreateText()));
        messages.Add(LlamaMessage.User(CreateText()));
        for (int turn = _random.Next(3); turn > 0; turn--)
            messages.AddRange([LlamaMessage.Assistant(CreateText()), LlamaMessage.User(CreateText())]);
        return [.. messages];
    }

    /// <summary>Returns a text of one to eight pieces: tags, parts of tags, tags in other characters, and texts that could complete a tag.</summary>
    public string CreateText() => string.Concat(Enumerable.Range(0, _random.Next(1, 9)).Select(_ => CreatePiece()));

    private string CreatePiece()
    {
        string tag = PublishedTags[_random.Next(PublishedTags.Length)];
        int cut = _random.Next(1, tag.Length);
        return _random.Next(12) switch
        {
            0 or 1 => tag,
            2 => tag[..cut],
            3 => tag[cut..],
            4 => tag.Replace(' ', '\u2581'),
            5 => tag[..cut] + tag + tag[cut..],
            6 => tag.ToUpperInvariant(),
            7 => string.Concat(tag.Select(character => character is > ' ' and <= '~' ? (char)(character + 0xFEE0) : character)),
            8 => tag[..cut] + s_dropped[_random.Next(s_dropped.Length)] + tag[cut..],
            9 => tag.Replace(" ", s_spaces[_random.Next(s_spaces.Length)]),
            _ => s_other[_random.Next(s_other.Length)],
        };
    }

    private static ModelTokenizer Create(PieceType? type, bool removesSpaces = false, bool hasMap = false)
    {
        Vocabulary vocabulary = TokenizerFile.Read(RepositoryFiles.Committed("tests", "data", "spm512.model"));
        var builder = new VocabularyBuilder(vocabulary);
        foreach (string tag in PublishedTags.Where(tag => type is not null && builder.Find(tag) < 0))
            builder.Add(tag, 0, type!.Value);
        VocabularyOptions options = vocabulary.Options with { RemoveExtraSpaces = removesSpaces, CharacterMap = hasMap ? CharacterMapBuilder.CreateNmtNfkc() : null };
        return ModelTokenizer.Create(builder.Build("test", options));
    }

    /// <summary>The parts of a prompt other than the texts of its messages.</summary>
    public sealed record Expectation(string Tokens, Dictionary<string, int> Tags, bool IsComplete);
}
