using CsCheck;
using Llama2.Chat;

namespace Llama2.Tests.Chat;

public class TemplateLayoutTests
{
    // tokenizer_config.json of meta-llama/Llama-2-7b-chat-hf
    private const string Llama2Template =
        "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}"
        + "{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
        + "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}"
        + "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";

    // tokenizer_config.json of teknium/OpenHermes-2.5-Mistral-7B
    private const string ChatMlTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    // tokenizer_config.json of HuggingFaceH4/zephyr-7b-beta
    private const string ZephyrTemplate =
        "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
        + "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}";

    public static TheoryData<string, PromptFormat> TemplatesOfPresets => new()
    {
        { Llama2Template, PromptFormat.Llama2 },
        { ChatMlTemplate, PromptFormat.ChatMl },
        { ZephyrTemplate, PromptFormat.Zephyr },
    };

    [Theory]
    [MemberData(nameof(TemplatesOfPresets))]
    public void Encode_TemplateOfAPreset_GivesThePresetsTokens(string template, PromptFormat preset)
    {
        PromptFormat format = PromptFormat.ForTemplate(template);
        foreach (ModelTokenizer tokenizer in ChatVocabularies.All)
        {
            ConversationGen.Conversation(ConversationGen.HostileText).Sample(
                messages => format.Encode(messages, tokenizer).AsSpan().SequenceEqual(preset.Encode(messages, tokenizer)), iter: 100);
        }
    }

    [Theory]
    [InlineData(ChatMlTemplate, "<|im_end|>", "<|im_start|>")]
    [InlineData(Llama2Template, "[/INST]", "<<SYS>>")]
    [InlineData("{% for m in messages %}### User: {{ m.content }}\n{% endfor %}Assistant:", "### User:", "Assistant:")]
    [InlineData("{{ bos_token }}{% for m in messages %}<turn_{{ m.role }}>{{ m.content }}{% endfor %}", "<turn_user>")]
    [InlineData("{% for m in messages %}[{{ 'TUR' + 'N' }}]{{ m.content }}{% endfor %}", "[TURN]")]
    public void Encode_MessageWithTheTemplatesTags_ForgesNone(string template, params string[] tags)
    {
        PromptFormat format = PromptFormat.ForTemplate(template);
        ModelTokenizer tokenizer = ChatVocabularies.Text;
        string Render(string content, SpecialTokenPolicy policy) =>
            ChatVocabularies.Render(tokenizer, format.Encode([LlamaMessage.User(content)], tokenizer, policy));

        string harmless = Render("x", SpecialTokenPolicy.Escape);
        foreach (string tag in tags)
        {
            string escaped = Render($"x{tag}", SpecialTokenPolicy.Escape);
            escaped.Split(tag).Should().HaveSameCount(harmless.Split(tag), escaped);
            Render($"x{tag}", SpecialTokenPolicy.Allow).Split(tag).Length.Should().BeGreaterThan(harmless.Split(tag).Length);
            PromptFormatException exception = FluentActions.Invoking(() => Render($"x{tag}", SpecialTokenPolicy.Reject)).Should().Throw<PromptFormatException>().Which;
            (exception.Tag, exception.MessageIndex, exception.Position).Should().Be((tag, 0, 1));
        }
    }

    [Theory]
    [InlineData("{{ bos_token }}{{ messages[0].content }}", "<s>a<s>b")]
    [InlineData("{{ messages[0].content }}", "<s>a<s>b")]
    [InlineData("{{ '<s>' + messages[0].content + '</s>' + eos_token }}", "<s>a<s>b</s></s>")]
    public void Encode_BeginOfSequence_IsWrittenOnce(string template, string rendered)
    {
        ModelTokenizer tokenizer = ChatVocabularies.Text;
        int[] ids = PromptFormat.ForTemplate(template).Encode([LlamaMessage.User("a<s>b")], tokenizer);
        ChatVocabularies.Render(tokenizer, ids).Should().Be(rendered);
        ids.Count(id => id == tokenizer.BeginOfSequenceId).Should().Be(1);
    }

    [Fact]
    public void Encode_RolePartOfAControlToken_IsScaffolding()
    {
        PromptFormat format = PromptFormat.ForTemplate("{% for m in messages %}<|im_{{ 'start' if m.role == 'user' else m.role }}|>{{ m.content }}{% endfor %}");
        ModelTokenizer tokenizer = ChatVocabularies.Control;
        format.Encode([LlamaMessage.User("start|>")], tokenizer).Select(tokenizer.GetTokenText).Take(2).Should().Equal("<s>", "<|im_start|>");
    }

    [Fact]
    public void Encode_TemplateThatRefusesTheRoles_ThrowsItsMessage() =>
        FluentActions.Invoking(() => PromptFormat.ForTemplate(Llama2Template).Encode([LlamaMessage.Assistant("a")], ChatVocabularies.Text))
            .Should().Throw<PromptTemplateException>().WithMessage("*roles must alternate*");

    [Fact]
    public void ForTemplate_EndsOfTurn_AreStopSequences()
    {
        PromptFormat.ForTemplate(ChatMlTemplate).StopSequences.Should().Equal("<|im_end|>");
        PromptFormat.ForTemplate(Llama2Template).StopSequences.Should().BeEmpty();
    }

    [Fact]
    public void ForTemplate_MoreTagsThanAreGuarded_IsRefused() =>
        FluentActions.Invoking(() => PromptFormat.ForTemplate(string.Concat(Enumerable.Range(0, 257).Select(i => $"<t{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}>"))))
            .Should().Throw<PromptFormatException>().WithMessage("*more than 256 tags*");

    [Fact]
    public void TemplateTags_ThatDifferInNumbers_AreOneTag() =>
        TemplateTags.Find(string.Concat(Enumerable.Range(0, 2_000).Select(i => $"<t{i}>")), "").Should().Equal("<t0>");

    [Fact]
    public void TemplateTags_OfAllKindsFound_AreBrokenForGood()
    {
        string[] tags = TemplateTags.Find(string.Join(' ', [.. KnownTags.All, "<|eot_id|>", "</think>", "[TOOL_CALLS]", "### System:", "Question:"]), "");
        tags.Should().Contain(["<|eot_id|>", "</think>", "[TOOL_CALLS]", "### System:", "Question:", .. KnownTags.All]);
        foreach (string tag in tags)
        {
            for (int i = 1; i < tag.Length; i++)
                tags.Should().NotContain(other => other.Contains($"{tag[i - 1]} {tag[i]}"));
        }
    }

    [Fact]
    public void Encode_Cancelled_EndsTheRendering()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        LlamaMessage[] messages = [LlamaMessage.User("Hello")];
        PromptFormat format = PromptFormat.ForTemplate("{% for m in messages %}{{ m.content }}{% endfor %}");

        FluentActions.Invoking(() => format.Encode(messages, ChatVocabularies.Text, cancellationToken: stop.Token)).Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => format.EncodeArranged(messages, ChatVocabularies.Text, SpecialTokenPolicy.Escape, cancellationToken: stop.Token))
            .Should().Throw<OperationCanceledException>();
    }
}
