namespace Llama2.Tests.Chat;

/// <summary>
/// The learned tokens of an answer begin where the prompt for that answer ends, whatever the answer begins with. In every format, the prompt and the
/// learned tokens together are the whole conversation.
/// </summary>
public class FirstTokenTests
{
    private static readonly string[] s_answers =
    [
        "Hi!", "5. The cat says meow.", "42", "\u732B\u53EB\u3002", "\u306D\u3053", "\uACE0\uC591\uC774", "\u0642\u0637\u0629", "\u092C\u093F\u0932\u094D\u0932\u0940", "\u0E41\u0E21\u0E27", "\u03B3\u03AC\u03C4\u03B1", "\U0001F431 meow",
        "\u00E9t\u00E9", "  two spaces", "\n\nlines", "\tx", "\u00A0x", "\u2581x", ": x", ":// x", "!", "...", "- a\n- b", "1", "<b>", "### x", "[x]", "\"x\"", "x ", "x\n", "", " ",
    ];

    private static readonly string[] s_templates =
    [
        // Before the answer there is a dummy space, a line break, a token or nothing; answers are trimmed or not; one prompt ends with a space.
        "{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content + ' ' + eos_token }}{% else %}{{ bos_token + '[INST] ' + m.content + ' [/INST]' }}{% endif %}{% endfor %}",
        "{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content | trim + eos_token }}{% else %}{{ '[INST] ' + m.content | trim + ' [/INST]' }}{% endif %}{% endfor %}",
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}",
        "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}",
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
        "{% for m in messages %}<|im_start|>{{ '' if m.role == 'assistant' else m.role + ' ' }}{{ m.content }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>{% endif %}",
        "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}",
        "{% for m in messages %}{{ '### ' + m.role | capitalize + ':\n' + m.content | trim + '\n\n' }}{% endfor %}{% if add_generation_prompt %}{{ '### Assistant:\n' }}{% endif %}",
        "{% for m in messages %}{% if m.role == 'user' %}{{ 'Human: ' + m.content + '\n\nAssistant: ' + eos_token }}{% else %}{{ m.content + eos_token }}{% endif %}{% endfor %}",

        // The answer is introduced by white space.
        "{% for m in messages %}{{ m.content }}\n{% endfor %}",
        "{% for m in messages %}{{ m.content }} {% endfor %}{% if add_generation_prompt %}\n{% endif %}",
        "{% for m in messages %}{{ '\n' if m.role == 'assistant' }}{{ m.content }}{{ eos_token if m.role == 'assistant' }}{% endfor %}{% if add_generation_prompt %}\n{% endif %}",
    ];

    private static readonly Lazy<ModelTokenizer> s_llama2 = new(() => ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model")));

    public static TheoryData<string> FormatNames => [.. PromptFormat.Presets.Select(format => format.Name), .. s_templates];

    [Theory]
    [MemberData(nameof(FormatNames))]
    public void EncodeForTraining_AnswersOfAllScripts_AreLearnedFromTheEndOfTheirPrompt(string name)
    {
        foreach (ModelTokenizer tokenizer in ChatVocabularies.All)
            Verify(Format(name), tokenizer);
    }

    [GoldenTheory]
    [MemberData(nameof(FormatNames))]
    public void EncodeForTraining_AnswersInLlama2sVocabulary_AreLearnedFromTheEndOfTheirPrompt(string name) =>
        Verify(Format(name), s_llama2.Value);

    [GoldenFact]
    public void EncodeForTraining_PublishedTemplates_LearnAnswersFromTheEndOfTheirPrompt()
    {
        // One template names a variable that the test does not supply.
        int count = 0;
        foreach ((string name, PromptFormat format) in PublishedTemplates.Read().Where(pair => pair.Key != "ai-sage/GigaChat-20B-A3B-instruct"))
        {
            Verify(format, s_llama2.Value, name);
            count++;
        }

        count.Should().BeGreaterThan(15);
    }

    [Fact]
    public void EncodeForTraining_AnswerThatBeginsWithADigit_LearnsTheSpaceBeforeIt()
    {
        ModelTokenizer tokenizer = ChatVocabularies.Text;
        int[] tokens = PromptFormat.Llama2.EncodeForTraining([LlamaMessage.User("Hi"), LlamaMessage.Assistant("5. Yes")], tokenizer, out bool[] mask);

        tokens.Where((_, i) => mask[i]).Select(tokenizer.GetTokenText).Should().StartWith("\u2581").And.EndWith("</s>").And.HaveCount(8);
    }

    [Fact]
    public void EncodeForTraining_EmptyAnswer_LearnsItsEnd()
    {
        ModelTokenizer tokenizer = ChatVocabularies.Control;
        foreach (string name in (string[])["chatml", "zephyr", "alpaca", s_templates[3], s_templates[4], s_templates[6]])
        {
            PromptFormat format = Format(name);
            int[] tokens = format.EncodeForTraining([LlamaMessage.User("Hi"), LlamaMessage.Assistant("")], tokenizer, out bool[] mask);
            tokens.Where((_, i) => mask[i]).Select(tokenizer.IsControl).Should().EndWith(true, name).And.ContainSingle(isControl => isControl, name);
        }
    }

    private static PromptFormat Format(string name) => PromptFormat.FindPreset(name) ?? PromptFormat.ForTemplate(name);

    private static void Verify(PromptFormat format, ModelTokenizer tokenizer, string name = "")
    {
        foreach (string answer in s_answers)
        {
            foreach (string other in (string[])["Yes.", answer])
            {
                // Some templates drop system messages. If the answer is empty too, nothing shows where it begins, so that combination is left out.
                foreach (bool hasSystem in (bool[])[false, !string.IsNullOrWhiteSpace(answer)])
                {
                    LlamaMessage[] turns = [LlamaMessage.User("Hello"), LlamaMessage.Assistant(other), LlamaMessage.User("42\n"), LlamaMessage.Assistant(answer)];
                    Verify(format, tokenizer, hasSystem ? [LlamaMessage.System("Be brief."), .. turns] : turns, name);
                }
            }
        }
    }

    private static void Verify(PromptFormat format, ModelTokenizer tokenizer, LlamaMessage[] messages, string name)
    {
        string because = $"{(name.Length > 0 ? name : format.Name)}: {string.Join(" | ", messages.Select(message => message.Content))}";
        int[] tokens;
        bool[] mask;
        try
        {
            tokens = format.EncodeForTraining(messages, tokenizer, out mask);
        }
        catch (LlamaException) when (messages[0].Role == LlamaRole.System && format.Name == "template")
        {
            return; // the template refuses or drops system messages
        }

        tokens.Should().Equal(format.Encode(messages, tokenizer, addGenerationPrompt: false), because);
        int end = 0;
        for (int i = 0; i < messages.Length; i++)
        {
            if (messages[i].Role != LlamaRole.Assistant)
                continue;
            int[] prompt = format.Encode(messages[..i], tokenizer);
            tokens.AsSpan().StartsWith(prompt).Should().BeTrue(because);
            mask.AsSpan(end..prompt.Length).Contains(true).Should().BeFalse("nothing between answers is learned: {0}", because);
            int length = mask.AsSpan(prompt.Length..).IndexOf(false);
            end = length < 0 ? tokens.Length : prompt.Length + length;
            string learned = ChatVocabularies.Render(tokenizer, tokens[prompt.Length..end]);
            learned.Contains(messages[i].Content.Replace('\u2581', ' ').Trim(), StringComparison.Ordinal).Should().BeTrue("'{0}' is learned: {1}", learned, because);
        }

        // A published template may end with the text that introduces one more answer, even if no generation prompt is requested.
        if (name.Length == 0)
            ChatVocabularies.Render(tokenizer, tokens[end..]).Trim().Should().BeEmpty("all of the last answer is learned: {0}", because);
    }
}
