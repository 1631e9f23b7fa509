namespace Llama2.Tests.Chat;

public class PromptFormatDetectionTests
{
    [Theory]
    [InlineData("llama-2-7b-chat.Q4_K_M.gguf", "llama-2")]
    [InlineData("Llama 2 70B Chat", "llama-2")]
    [InlineData("meta-llama/Llama-2-13b-chat-hf", "llama-2")]
    [InlineData("codellama-7b-instruct.Q4_0.gguf", "llama-2")]
    [InlineData("vicuna-7b-v1.5-16k.Q8_0.gguf", "vicuna-v1.1")]
    [InlineData("lmsys_vicuna-13b-v1.3", "vicuna-v1.1")]
    [InlineData("vicuna-7b-delta-v0", "vicuna-v0")]
    [InlineData("alpaca-7b-native", "alpaca")]
    [InlineData("zephyr-7b-beta.Q4_K_M.gguf", "zephyr")]
    [InlineData("tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf", "zephyr")]
    [InlineData("mistral-7b-instruct-v0.2.Q4_K_M.gguf", "mistral-instruct")]
    [InlineData("openhermes-2.5-mistral-7b.Q4_K_M.gguf", "chatml")]
    [InlineData("dolphin-2.6-mistral-7b", "chatml")]
    public void TryFindByName_PublishedModels_HaveTheirFormats(string name, string format)
    {
        PromptFormat.TryFindByName(name, out PromptFormat? found).Should().BeTrue();
        found!.Name.Should().Be(format);
    }

    [Theory]
    [InlineData("llama-2-7b.Q4_K_M.gguf")]
    [InlineData("vicuna-7b.gguf")]
    [InlineData("chinese-alpaca-2-7b.gguf")]
    [InlineData("nous-hermes-llama2-13b")]
    [InlineData("CodeLlama-70b-Instruct-hf")]
    [InlineData("stablelm-zephyr-3b")]
    [InlineData("mistral-7b-instruct-v0.3")]
    [InlineData("xllama-2-7b-chat")]
    [InlineData("llama-2-7b-chat-zephyr-7b-beta-merge")]
    [InlineData("")]
    public void TryFindByName_OtherModels_AreNotGuessed(string name)
    {
        PromptFormat.TryFindByName(name, out PromptFormat? found).Should().BeFalse();
        found.Should().BeNull();
    }

    [Fact]
    public void Detect_FileWithoutTemplate_GoesByItsNames()
    {
        Detect("some model", "llama-2-7b-chat.gguf").Should().BeSameAs(PromptFormat.Llama2);
        Detect("vicuna-7b-v1.5", "model.gguf").Should().BeSameAs(PromptFormat.Vicuna);
    }

    [Theory]
    [InlineData("some model", "model.gguf", "neither is the name of a model")]
    [InlineData("vicuna-7b-v1.5", "zephyr-7b-beta.gguf", "vicuna-v1.1, zephyr")]
    public void Detect_UnknownOrContradictingNames_AreRefusedWithTheChoices(string name, string fileName, string fault) =>
        FluentActions.Invoking(() => Detect(name, fileName)).Should().Throw<PromptFormatException>()
            .WithMessage($"*'{name}'*'{fileName}'*{fault}*").And.Message.Should().Contain("llama-2, vicuna-v0, vicuna-v1.1, alpaca, chatml, zephyr, mistral-instruct, plain");

    [Fact]
    public void Detect_FileWithATemplate_GoesByItWhateverItsName()
    {
        const string Template = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}";
        using var folder = new TemporaryFolder();
        string path = folder.File("vicuna-7b-v1.5.gguf");
        File.WriteAllBytes(path, TinyModel.Describe().Add("tokenizer.chat_template", Template).Build());
        using LlamaModel model = LlamaModel.Load(path);

        model.ChatTemplate.Should().Be(Template);
        ModelFileInformation.Read(path).ChatTemplate.Should().Be(Template);
        PromptFormat format = PromptFormat.Detect(model);
        format.Name.Should().Be("template");
        format.StopSequences.Should().Equal("<|im_end|>");
    }

    [Theory]
    [InlineData("{% for m in messages %}{{ m.content }}{% endfor %}")]
    [InlineData("{% for i in range(9000) %}{% for j in range(9000) %}{% endfor %}{% endfor %}")]
    public void Detect_Cancelled_EndsTheRenderingOfTestConversations(string template)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.gguf");
        File.WriteAllBytes(path, TinyModel.Describe().Add("tokenizer.chat_template", template).Build());
        using LlamaModel model = LlamaModel.Load(path);
        CancellationToken cancelled = new(canceled: true);

        FluentActions.Invoking(() => PromptFormat.ForTemplate(template, cancelled)).Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => PromptFormat.Detect(model, cancelled)).Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => PromptFormat.Detect(ModelFileInformation.Read(path), cancelled)).Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => model.CreateChatSession(cancellationToken: cancelled)).Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Load_ChatTemplateOfAnotherType_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.gguf");
        File.WriteAllBytes(path, TinyModel.Describe().Add("tokenizer.chat_template", 7u).Build());
        FluentActions.Invoking(() => LlamaModel.Load(path)).Should().Throw<ModelFormatException>().Which.Field.Should().Be("tokenizer.chat_template");
        ModelFileInformation.Read(path).ChatTemplate.Should().BeNull();
    }

    private static PromptFormat Detect(string name, string fileName)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(fileName);
        File.WriteAllBytes(path, TinyModel.Describe().Add("general.name", name).Build());
        using LlamaModel model = LlamaModel.Load(path);
        model.ChatTemplate.Should().BeNull();
        model.Path.Should().Be(path);
        try
        {
            PromptFormat format = PromptFormat.Detect(model);
            PromptFormat.Detect(ModelFileInformation.Read(path)).Should().BeSameAs(format);
            return format;
        }
        catch (PromptFormatException)
        {
            FluentActions.Invoking(() => PromptFormat.Detect(ModelFileInformation.Read(path))).Should().Throw<PromptFormatException>();
            throw;
        }
    }
}
