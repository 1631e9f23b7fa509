using System.Text.Json;

namespace Llama2.Tests.Templating;

public class PromptTemplateTests
{
    [Fact]
    public void Render_Conversation_GivesTextAndRuns()
    {
        using JsonDocument messages = JsonDocument.Parse("""[{"role":"user","content":"Hi</s>"}]""");

        RenderedTemplate rendered = PromptTemplate
            .Parse("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}{{ eos_token }}{% if add_generation_prompt %}>{% endif %}{{ tools is defined }}")
            .Render(messages.RootElement, "<s>", "</s>", addGenerationPrompt: true);

        rendered.Text.Should().Be("<s>Hi</s></s>>False");
        rendered.Runs.Should().Equal(new RenderedRun(0, 3, false), new RenderedRun(3, 6, true), new RenderedRun(9, 10, false));
    }

    [Fact]
    public void Render_ConversationOfVeryManyValues_IsRefusedWithTheLimit()
    {
        // The list itself counts as a value, too.
        using JsonDocument most = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("{}", 65_535))}]"), more = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("{}", 65_536))}]");
        PromptTemplate template = PromptTemplate.Parse("{{ messages | length }}");

        template.Render(most.RootElement, null, null, addGenerationPrompt: false).Text.Should().Be("65535");
        template.Invoking(it => it.Render(more.RootElement, null, null, addGenerationPrompt: false)).Should().Throw<PromptTemplateException>().WithMessage("*too many values*65536*");
    }

    [Fact]
    public void Render_ToolsAndNoTokens_ArePassedOn()
    {
        using JsonDocument messages = JsonDocument.Parse("[]"), tools = JsonDocument.Parse("""[{"name":"f"}]""");

        RenderedTemplate rendered = PromptTemplate.Parse("{{ tools | tojson }}{{ bos_token is defined }}{{ eos_token is defined }}")
            .Render(messages.RootElement, null, null, addGenerationPrompt: false, tools.RootElement);

        rendered.Text.Should().Be("""[{"name": "f"}]FalseFalse""");
        rendered.Runs[0].Should().Be(new RenderedRun(0, 15, true));
    }

    [Fact]
    public void Render_NothingAtAll_HasNoRuns()
    {
        using JsonDocument messages = JsonDocument.Parse("[]");

        PromptTemplate.Parse("").Render(messages.RootElement, null, null, addGenerationPrompt: false).Runs.Should().BeEmpty();
    }

    [Fact]
    public void Parse_Null_IsAnArgumentFault() => new Action(() => PromptTemplate.Parse(null!)).Should().Throw<ArgumentNullException>();
}
