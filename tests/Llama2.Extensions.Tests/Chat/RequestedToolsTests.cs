using Llama2.Extensions.Chat;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

public class RequestedToolsTests
{
    private static readonly AITool s_f = AIFunctionFactory.Create((int a) => a, "f", "Adds nothing");
    private static readonly AITool s_g = AIFunctionFactory.Create(() => 1, "g").AsDeclarationOnly();

    [Fact]
    public void Read_NoToolsOrNoneMayBeCalled_IsNone()
    {
        Read(null).Should().BeNull();
        Read(new ChatOptions { ToolMode = ChatToolMode.Auto, Tools = [] }).Should().BeNull();
        Read(new ChatOptions { ToolMode = ChatToolMode.None, Tools = [s_f] }).Should().BeNull();
    }

    [Fact]
    public void Read_FunctionsAndDeclarations_AreAnnounced()
    {
        RequestedTools tools = Read(new ChatOptions { Tools = [s_f, s_g] })!;

        tools.IsRequired.Should().BeFalse();
        tools.All.Select(tool => (tool.Name, tool.Description)).Should().Equal(("f", "Adds nothing"), ("g", ""));
        tools.All[0].ParametersSchema.Should().StartWith("{\"type\": \"object\"");
    }

    [Fact]
    public void Read_RequiredTool_IsTheOnlyOneThatTheConstraintAllows() =>
        Read(new ChatOptions { Tools = [s_f, s_g], ToolMode = ChatToolMode.RequireSpecific("g") })!.ToConstraint(null, new ConstraintCache()).ToString().Should().Be("tool calls g");

    [Fact]
    public void Read_RequiredToolThatThereIsNot_IsAnErrorThatNamesAll()
    {
        Reading(new ChatOptions { Tools = [s_f, s_g], ToolMode = ChatToolMode.RequireSpecific("h") }).Should().Throw<ArgumentException>().WithMessage("ChatOptions.ToolMode*'h'*f, g*");
        Reading(new ChatOptions { ToolMode = ChatToolMode.RequireAny }).Should().Throw<ArgumentException>().WithMessage("ChatOptions.ToolMode*");
    }

    [Fact]
    public void Read_ToolOfAnotherKind_IsRefusedByItsName() =>
        Reading(new ChatOptions { Tools = [s_f, new HostedWebSearchTool()] }).Should().Throw<NotSupportedException>().WithMessage("ChatOptions.Tools*HostedWebSearchTool*");

    [Fact]
    public void ToConstraint_SameTools_IsCompiledOnceForEachMode()
    {
        var cache = new ConstraintCache();
        OutputConstraint Of(ChatToolMode? mode, bool? multiple = null, ChatResponseFormat? format = null) =>
            Read(new ChatOptions { Tools = [s_f], ToolMode = mode, AllowMultipleToolCalls = multiple })!.ToConstraint(format, cache);

        Of(null).Should().BeSameAs(Of(ChatToolMode.Auto)).And.NotBeSameAs(Of(ChatToolMode.RequireAny)).And.NotBeSameAs(Of(null, multiple: true)).And.NotBeSameAs(Of(null, format: ChatResponseFormat.Json));
    }

    private static Action Reading(ChatOptions options) => () => Read(options);

    private static RequestedTools? Read(ChatOptions? options) => RequestedTools.Read(options, ToolFormat.Json);
}
