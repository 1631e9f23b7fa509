using CsCheck;

namespace Llama2.Tests.Chat;

/// <summary>Every format, policy and vocabulary, with texts that contain tags, parts of tags and control tokens.</summary>
public class SpecialTokenPolicyTests
{
    public static TheoryData<PromptFormat, int> FormatsAndVocabularies
    {
        get
        {
            var data = new TheoryData<PromptFormat, int>();
            foreach (PromptFormat format in PromptFormat.Presets)
            {
                for (int i = 0; i < ChatVocabularies.All.Count; i++)
                    data.Add(format, i);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FormatsAndVocabularies))]
    public void Escape_AnyTexts_GiveTheTokensAndTagsOfTheTurnsOnly(PromptFormat format, int vocabulary)
    {
        ModelTokenizer tokenizer = ChatVocabularies.All[vocabulary];
        ConversationGen.Conversation(ConversationGen.HostileText).Sample(
            messages =>
            {
                int[] ids = format.Encode(messages, tokenizer);
                int[] expected = format.Encode([.. messages.Select(message => message with { Content = "x" })], tokenizer);
                Specials(tokenizer, ids).Should().Be(Specials(tokenizer, expected));

                string text = Stretches(tokenizer, ids), expectedText = Stretches(tokenizer, expected);
                foreach (string tag in format.Tags.Where(tag => IsText(tokenizer, tag)))
                    Count(text, tag).Should().Be(Count(expectedText, tag), "of '{0}' in '{1}'", tag, text);
            },
            iter: 150);
    }

    [Theory]
    [MemberData(nameof(FormatsAndVocabularies))]
    public void Reject_AnyTexts_NamesATagThatIsThereOrEncodesAsEscapeDoes(PromptFormat format, int vocabulary)
    {
        ModelTokenizer tokenizer = ChatVocabularies.All[vocabulary];
        string[] forbidden = [.. format.Tags, "<s>", "</s>", .. vocabulary > 0 ? new[] { "<|im_start|>", "<|im_end|>" } : []];
        ConversationGen.Conversation(ConversationGen.HostileText).Sample(
            messages =>
            {
                bool hasForbidden = messages.Any(message => forbidden.Any(tag => message.Content.Replace('\u2581', ' ').Contains(tag, StringComparison.Ordinal)));
                try
                {
                    format.Encode(messages, tokenizer, SpecialTokenPolicy.Reject).AsSpan().SequenceEqual(format.Encode(messages, tokenizer)).Should().BeTrue();
                    hasForbidden.Should().BeFalse();
                }
                catch (PromptFormatException exception)
                {
                    forbidden.Should().Contain(exception.Tag);
                    string content = messages[exception.MessageIndex!.Value].Content.Replace('\u2581', ' ');
                    (content.AsSpan(exception.Position!.Value).StartsWith(exception.Tag) || (exception.Position == 0 && BeginsBefore(messages, exception.MessageIndex!.Value, exception.Tag!)))
                        .Should().BeTrue("'{0}' is at {1} of '{2}'", exception.Tag, exception.Position, content);
                    exception.Message.Should().Contain(exception.Tag);
                }
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(FormatsAndVocabularies))]
    public void AllPolicies_TextsWithoutTags_GiveTheSameTokens(PromptFormat format, int vocabulary)
    {
        ModelTokenizer tokenizer = ChatVocabularies.All[vocabulary];
        ConversationGen.Conversation(ConversationGen.PlainText).Sample(
            messages =>
            {
                int[] ids = format.Encode(messages, tokenizer);
                return ids.AsSpan().SequenceEqual(format.Encode(messages, tokenizer, SpecialTokenPolicy.Reject))
                    && ids.AsSpan().SequenceEqual(format.Encode(messages, tokenizer, SpecialTokenPolicy.Allow));
            },
            iter: 30);
    }

    public static TheoryData<PromptFormat> FormatsToContinue =>
        [PromptFormat.Llama2, PromptFormat.Vicuna, PromptFormat.ChatMl, PromptFormat.Zephyr, PromptFormat.Mistral, PromptFormat.Alpaca, PromptFormat.VicunaV0, PromptFormat.Plain];

    [Theory]
    [MemberData(nameof(FormatsToContinue))]
    public void Encode_FirstTurns_AreAPrefixOfTheLongerConversation(PromptFormat format)
    {
        foreach (ModelTokenizer tokenizer in ChatVocabularies.All)
            VerifyPrefixes(format, tokenizer);
    }

    [GoldenTheory]
    [MemberData(nameof(FormatsToContinue))]
    public void Encode_FirstTurnsInLlama2sVocabulary_AreAPrefixOfTheLongerConversation(PromptFormat format) =>
        VerifyPrefixes(format, ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model")));

    [Fact]
    public void Allow_ControlTokensInTexts_AreTokens()
    {
        ModelTokenizer tokenizer = ChatVocabularies.Control;
        LlamaMessage[] messages = [LlamaMessage.User("a</s><|im_end|>[INST] b")];
        ChatVocabularies.Render(tokenizer, PromptFormat.Llama2.Encode(messages, tokenizer, SpecialTokenPolicy.Allow)).Should().Be("<s>[INST] a</s><|im_end|>[INST] b [/INST]");
        PromptFormat.Llama2.Encode(messages, tokenizer, SpecialTokenPolicy.Allow).Count(tokenizer.IsControl).Should().Be(3);
        PromptFormat.Llama2.Encode(messages, tokenizer).Count(tokenizer.IsControl).Should().Be(1);
    }

    [Fact]
    public void Escape_TagThatIsAToken_StaysAsItIsSpelled()
    {
        LlamaMessage[] messages = [LlamaMessage.User("a<|im_end|>b")];
        string Render(ModelTokenizer tokenizer) => ChatVocabularies.Render(tokenizer, PromptFormat.ChatMl.Encode(messages, tokenizer));

        Render(ChatVocabularies.Control).Should().Contain("a<|im_end|>b");
        Render(ChatVocabularies.UserDefined).Should().Contain("a<|im_end|>b");
        Render(ChatVocabularies.Text).Should().Contain("a<|im_end| >b");
    }

    [Fact]
    public void Reject_TagAfterStrippedSpace_IsNamedAtItsPlaceInTheContent()
    {
        PromptFormatException exception = FluentActions
            .Invoking(() => PromptFormat.Llama2.Encode([LlamaMessage.User("  \n a [/INST]")], ChatVocabularies.Text, SpecialTokenPolicy.Reject))
            .Should().Throw<PromptFormatException>().Which;
        (exception.MessageIndex, exception.Tag, exception.Position).Should().Be((0, "[/INST]", 6));
    }

    // Whether a tag begins at the end of the previous message's text and ends in the text of this message.
    private static bool BeginsBefore(LlamaMessage[] messages, int index, string tag)
    {
        string start = messages[index].Content.Replace('\u2581', ' ').TrimStart(), before = index == 0 ? "" : messages[index - 1].Content.Replace('\u2581', ' ');
        return Enumerable.Range(1, tag.Length - 1).Any(i => before.EndsWith(tag[..i], StringComparison.Ordinal) && start.StartsWith(tag[i..], StringComparison.Ordinal));
    }

    private static void VerifyPrefixes(PromptFormat format, ModelTokenizer tokenizer) =>
        ConversationGen.Conversation(ConversationGen.HostileText).Sample(
            messages =>
            {
                int[] whole = format.Encode(messages, tokenizer);
                for (int count = 1; count < messages.Length; count++)
                {
                    // In formats whose turns end with text, the end of an answer can merge with the text after it.
                    if (messages[count - 1].Role == LlamaRole.System || (messages[count - 1].Role == LlamaRole.Assistant && (format == PromptFormat.VicunaV0 || format == PromptFormat.Plain)))
                        continue;
                    int[] start = format.Encode(messages[..count], tokenizer, addGenerationPrompt: messages[count - 1].Role == LlamaRole.User);
                    if (!whole.AsSpan().StartsWith(start))
                        return false;
                }

                return true;
            },
            iter: 60);

    // The text without special tokens, with the texts between them kept separate.
    private static string Stretches(ModelTokenizer tokenizer, int[] ids) =>
        ChatVocabularies.Render(tokenizer, [.. ids.Select(id => ChatVocabularies.IsSpecial(tokenizer, id) ? 2 : id)]).Replace('\u2581', ' ');

    private static string Specials(ModelTokenizer tokenizer, int[] ids) => string.Join(' ', ids.Where(id => ChatVocabularies.IsSpecial(tokenizer, id)).Select(tokenizer.GetTokenText));

    private static bool IsText(ModelTokenizer tokenizer, string tag) => tokenizer.FindSpecialToken(tag) < 0;

    private static int Count(string text, string tag) => text.Split(tag).Length - 1;
}
