using System.Text.Json;

namespace Llama2.Tests.Chat;

public class PromptFormatTests
{
    private static readonly LlamaMessage[] s_question = [LlamaMessage.User("Hello")];

    private static readonly LlamaMessage[] s_conversation =
        [LlamaMessage.System("Be brief."), LlamaMessage.User("Hello"), LlamaMessage.Assistant("Hi!"), LlamaMessage.User("Who are you?")];

    /// <summary>The format, a single question, and a conversation with a system message, as the source of the format writes them.</summary>
    public static TheoryData<PromptFormat, string, string> Renderings => new()
    {
        {
            // llama/generation.py
            PromptFormat.Llama2,
            "<s>[INST] Hello [/INST]",
            "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHello [/INST] Hi! </s><s>[INST] Who are you? [/INST]"
        },
        {
            // FastChat, zero_shot
            PromptFormat.VicunaV0,
            "<s>### Human: Hello\n### Assistant:",
            "<s>Be brief.\n### Human: Hello\n### Assistant: Hi!\n### Human: Who are you?\n### Assistant:"
        },
        {
            // FastChat, vicuna_v1.1
            PromptFormat.Vicuna,
            "<s>USER: Hello ASSISTANT:",
            "<s>Be brief. USER: Hello ASSISTANT: Hi!</s>USER: Who are you? ASSISTANT:"
        },
        {
            // stanford_alpaca/train.py
            PromptFormat.Alpaca,
            "<s>Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\nHello\n\n### Response:",
            "<s>Be brief.\n\n### Instruction:\nHello\n\n### Response:Hi!</s>### Instruction:\nWho are you?\n\n### Response:"
        },
        {
            // OpenHermes-2.5-Mistral-7B
            PromptFormat.ChatMl,
            "<s><|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
            "<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi!<|im_end|>\n<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n"
        },
        {
            // zephyr-7b-beta
            PromptFormat.Zephyr,
            "<s><|user|>\nHello</s>\n<|assistant|>\n",
            "<s><|system|>\nBe brief.</s>\n<|user|>\nHello</s>\n<|assistant|>\nHi!</s>\n<|user|>\nWho are you?</s>\n<|assistant|>\n"
        },
        {
            // Mistral-7B-Instruct-v0.1, mistral-common v1
            PromptFormat.Mistral,
            "<s>[INST] Hello [/INST]",
            "<s>[INST] Be brief.\n\nHello [/INST] Hi!</s>[INST] Who are you? [/INST]"
        },
        {
            PromptFormat.Plain,
            "<s>Hello",
            "<s>Be brief.HelloHi!Who are you?"
        },
    };

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Encode_LiteralConversations_AreAsTheFormatWasPublished(PromptFormat format, string question, string conversation)
    {
        foreach (ModelTokenizer tokenizer in ChatVocabularies.All)
        {
            ChatVocabularies.Render(tokenizer, format.Encode(s_question, tokenizer)).Should().Be(question);
            ChatVocabularies.Render(tokenizer, format.Encode(s_conversation, tokenizer)).Should().Be(conversation);
        }
    }

    [Fact]
    public void Renderings_CoverAllPresets() => Renderings.Select(row => row[0]).Should().Equal(PromptFormat.Presets);

    [Fact]
    public void Encode_FinishedConversation_EndsWithTheAnswersEnd()
    {
        ModelTokenizer tokenizer = ChatVocabularies.Control;
        LlamaMessage[] finished = [.. s_question, LlamaMessage.Assistant("Hi")];
        string Render(PromptFormat format) => ChatVocabularies.Render(tokenizer, format.Encode(finished, tokenizer, addGenerationPrompt: false));

        Render(PromptFormat.Llama2).Should().Be("<s>[INST] Hello [/INST] Hi </s>");
        Render(PromptFormat.Vicuna).Should().Be("<s>USER: Hello ASSISTANT: Hi</s>");
        Render(PromptFormat.ChatMl).Should().Be("<s><|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi<|im_end|>\n");
        Render(PromptFormat.Mistral).Should().Be("<s>[INST] Hello [/INST] Hi</s>");
    }

    [GoldenFact]
    public void Encode_ChatMl_WritesWhatTheTemplateOfOpenHermesRenders()
    {
        int count = 0;
        foreach (string line in File.ReadLines(RepositoryFiles.Golden("chat", "cases.jsonl")))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement item = json.RootElement;
            if (item.GetProperty("name").GetString() != "teknium/OpenHermes-2.5-Mistral-7B" || item.GetProperty("rendered").ValueKind != JsonValueKind.String)
                continue;
            LlamaMessage[] messages =
            [
                .. item.GetProperty("messages").EnumerateArray().Select(message =>
                    new LlamaMessage(Enum.Parse<LlamaRole>(message.GetProperty("role").GetString()!, ignoreCase: true), message.GetProperty("content").GetString()!)),
            ];
            int[] ids = PromptFormat.ChatMl.Encode(messages, ChatVocabularies.Control, addGenerationPrompt: item.GetProperty("add_generation_prompt").GetBoolean());
            ChatVocabularies.Render(ChatVocabularies.Control, ids).Should().Be("<s>" + item.GetProperty("rendered").GetString());
            count++;
        }

        count.Should().BeGreaterThan(3);
    }

    [Fact]
    public void Encode_VocabularyWithoutBeginToken_WritesNone()
    {
        ModelTokenizer tokenizer = new Tokenization.TestVocabulary { Options = new() { UnknownId = 0, EndOfSequenceId = 2 } }.CreateTokenizer();
        PromptFormat.Vicuna.Encode(s_conversation, tokenizer).Should().NotContain(1).And.Contain(2);
    }

    [Fact]
    public void Encode_VocabularyWithoutEndToken_IsRefused()
    {
        ModelTokenizer tokenizer = new Tokenization.TestVocabulary { Options = new() { UnknownId = 0, BeginOfSequenceId = 1 } }.CreateTokenizer();
        FluentActions.Invoking(() => PromptFormat.Vicuna.Encode(s_conversation, tokenizer)).Should().Throw<PromptFormatException>().WithMessage("*end-of-sequence*");
    }

    [Fact]
    public void Encode_MessagesOverTheLimits_AreRefused()
    {
        ModelTokenizer tokenizer = ChatVocabularies.Text;
        LlamaMessage half = LlamaMessage.User(new string('a', (PromptFormat.MaxTextLength / 2) + 1));
        FluentActions.Invoking(() => PromptFormat.Plain.Encode([half, half], tokenizer)).Should().Throw<ArgumentException>().WithMessage("*8,388,610*8,388,608*");
        FluentActions.Invoking(() => PromptFormat.Plain.Encode([], tokenizer)).Should().Throw<ArgumentException>().WithMessage("*65,536*");
        FluentActions.Invoking(() => PromptFormat.Plain.Encode([.. Enumerable.Repeat(s_question[0], 65_537)], tokenizer)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => PromptFormat.Plain.Encode([null!], tokenizer)).Should().Throw<ArgumentException>().WithMessage("*Message 0*");
        FluentActions.Invoking(() => PromptFormat.Plain.Encode(s_question, tokenizer, (SpecialTokenPolicy)3)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Encode_WrongTurns_AreRefused()
    {
        foreach (PromptFormat format in new[] { PromptFormat.Llama2, PromptFormat.Mistral, PromptFormat.Vicuna, PromptFormat.VicunaV0, PromptFormat.Alpaca })
        {
            FluentActions.Invoking(() => format.Encode([.. s_question, .. s_question], ChatVocabularies.Text))
                .Should().Throw<PromptFormatException>().Which.MessageIndex.Should().Be(1);
        }

        PromptFormat.ChatMl.Encode([.. s_question, .. s_question], ChatVocabularies.Text).Should().NotBeEmpty();
    }

    [Fact]
    public void FindStopTokens_StopSequencesThatAreTokens_AreFound()
    {
        ModelTokenizer tokenizer = ChatVocabularies.UserDefined;
        PromptFormat.ChatMl.StopSequences.Should().Equal("<|im_end|>");
        PromptFormat.ChatMl.FindStopTokens(tokenizer).Select(tokenizer.GetTokenText).Should().Equal("<|im_end|>");
        PromptFormat.ChatMl.FindStopTokens(ChatVocabularies.Text).Should().BeEmpty();
        PromptFormat.VicunaV0.StopSequences.Should().Equal("### Human:");
    }
}
