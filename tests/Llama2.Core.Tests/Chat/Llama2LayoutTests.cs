namespace Llama2.Tests.Chat;

public class Llama2LayoutTests
{
    [Fact]
    public void Encode_GeneratedDialogues_EqualMetasEncoding() => VerifyGenerated(ChatVocabularies.Text);

    [GoldenFact]
    public void Encode_GeneratedDialoguesInLlama2sVocabulary_EqualMetasEncoding() =>
        VerifyGenerated(ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model")));

    [Theory]
    [InlineData("", "")]
    [InlineData(" \n", "Hello")]
    [InlineData("Be brief.", " \n\t")]
    [InlineData(" Be brief. ", "\n Hello \n")]
    [InlineData("Be brief.", "")]
    public void Encode_WhitespaceAroundTheSystemMessage_IsStrippedAsMetaDoes(string system, string user)
    {
        LlamaMessage[] messages = [LlamaMessage.System(system), LlamaMessage.User(user)];
        PromptFormat.Llama2.Encode(messages, ChatVocabularies.Text).Should().Equal(EncodeAsMeta(ChatVocabularies.Text, messages));
    }

    [GoldenFact]
    public void Encode_OneTurn_GivesThePublishedTokens()
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model"));
        int[] ids = PromptFormat.Llama2.Encode([LlamaMessage.User("Hello")], tokenizer);
        ids.Select(tokenizer.GetTokenText).Should().Equal("<s>", "\u2581[", "INST", "]", "\u2581Hello", "\u2581[", "/", "INST", "]");
    }

    private static void VerifyGenerated(ModelTokenizer tokenizer)
    {
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            LlamaMessage[] messages = GenerateDialogue(random);
            PromptFormat.Llama2.Encode(messages, tokenizer).Should().Equal(EncodeAsMeta(tokenizer, messages), "dialogue {0} is {1}", i, string.Join<LlamaMessage>(" | ", messages));
        }
    }

    // A translation of the function chat_completion in llama/generation.py, line by line.
    private static int[] EncodeAsMeta(ModelTokenizer tokenizer, LlamaMessage[] messages)
    {
        string[] dialog = [.. messages.Select(message => message.Content)];
        if (messages[0].Role == LlamaRole.System)
            dialog = [$"<<SYS>>\n{dialog[0]}\n<</SYS>>\n\n{dialog[1]}", .. dialog[2..]];
        var tokens = new List<int>();
        for (int i = 0; i + 1 < dialog.Length; i += 2)
            tokens.AddRange(tokenizer.Encode($"[INST] {Strip(dialog[i])} [/INST] {Strip(dialog[i + 1])} ", addBeginOfSequence: true, addEndOfSequence: true));
        tokens.AddRange(tokenizer.Encode($"[INST] {Strip(dialog[^1])} [/INST]", addBeginOfSequence: true));
        return [.. tokens];
    }

    // The white space that Python 3's str.strip removes, up to U+FFFF.
    private static string Strip(string text) => text.Trim(
        [.. "\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"]);

    private static LlamaMessage[] GenerateDialogue(Random random)
    {
        string[] words = ["Hello", "llama", "what", "is", "\n", " ", "  ", "\u00e9t\u00e9", "\U0001F999", "42", "!", "\u001f", "\u3000", "INST", "SYS", "\u65e5\u672c", "\t", "Q:", "</s>", "<s>"];
        string Text() => string.Join(random.Next(2) == 0 ? " " : "", Enumerable.Range(0, random.Next(0, 12)).Select(_ => words[random.Next(words.Length)]));
        int turnCount = random.Next(0, 4);
        LlamaMessage[] turns =
        [
            .. Enumerable.Range(0, turnCount).SelectMany(_ => new[] { LlamaMessage.User(Text()), LlamaMessage.Assistant(Text()) }),
            LlamaMessage.User(Text()),
        ];
        return random.Next(2) == 0 ? turns : [LlamaMessage.System(Text()), .. turns];
    }
}
