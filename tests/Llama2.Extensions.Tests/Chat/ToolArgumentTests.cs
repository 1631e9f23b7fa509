using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>
/// What a model writes as arguments arrives in the parameters of .NET methods. The demonstration model does not know these tools, so only the constraint gives the
/// arguments the right form.
/// </summary>
public sealed class ToolArgumentTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    internal enum Colour
    {
        Red,
        Green,
    }

    internal sealed record Place(string Name, double[] Position);

    public static TheoryData<string> Functions => [.. All().Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task InvokeAsync_ArgumentsOfARequiredCall_BindToTheParameters(string name)
    {
        AIFunction function = All().Single(it => it.Name == name);
        using LlamaChatClient client = demonstration.CreateClient();
        for (int seed = 0; seed < 6; seed++)
        {
            ChatOptions options = new() { Tools = [function], ToolMode = ChatToolMode.RequireAny, Seed = seed, Temperature = 1.5f, MaxOutputTokens = 130 };

            ChatResponse response = await client.GetResponseAsync("Well?", options);

            FunctionCallContent call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
            string arguments = JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions);
            await function.Awaiting(it => it.InvokeAsync(new AIFunctionArguments(call.Arguments)).AsTask()).Should().NotThrowAsync("{0} are the arguments", arguments);
        }
    }

    // The functions do not return numbers with a fraction: what a model writes may be beyond the range of double, which .NET reads as infinity, and JSON has no
    // infinity. Not tested here are types whose schemas demand less than .NET does, so that a model that writes nonsense can write values that .NET refuses: int (a
    // schema says that a number is an integer, and not how many bits it has; [Range] would set bounds), Version, TimeSpan (hours above 23), DateTime (offsets beyond 14
    // hours), byte[] (any text).
    private static IEnumerable<AIFunction> All() =>
    [
        AIFunctionFactory.Create((bool b) => b, "a_bool"),
        AIFunctionFactory.Create((double d) => d > 0, "a_double"),
        AIFunctionFactory.Create(([System.ComponentModel.DataAnnotations.Range(-1000, 1000)] int i) => i, "a_range"),
        AIFunctionFactory.Create((char c) => c, "a_char"),
        AIFunctionFactory.Create((DateOnly d) => d, "a_date"),
        AIFunctionFactory.Create((TimeOnly t) => t, "a_time"),
        AIFunctionFactory.Create((TimeOnly?[] times) => times, "nullable_times"),
        AIFunctionFactory.Create((Uri uri) => uri, "a_uri"),
        AIFunctionFactory.Create((Guid guid) => guid, "a_guid"),
        AIFunctionFactory.Create((Colour colour) => colour, "an_enum"),
        AIFunctionFactory.Create((Colour? colour = null) => colour, "an_optional_enum"),
        AIFunctionFactory.Create((string[] texts) => texts, "texts"),
        AIFunctionFactory.Create((HashSet<Colour> colours) => colours, "colours"),
        AIFunctionFactory.Create((Dictionary<string, bool> flags) => flags, "flags"),
        AIFunctionFactory.Create((Place place) => place.Position.Length, "a_place"),
        AIFunctionFactory.Create((JsonElement any) => any, "any"),
        AIFunctionFactory.Create((Half h) => h, "a_half"),
    ];
}
