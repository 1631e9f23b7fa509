using System.Text;
using CsCheck;

namespace Llama2.Guard.Tests.Policies;

public class GuardPolicyTests
{
    private const string Json = """
        {
          "name": "House rules", // comments are allowed
          "categories": [
            {"code": "H1", "name": "Noise", "should_not": ["Shout."], "can": ["Whisper.", "Sing."], "should": ["Listen."]},
            {"code": "H2", "name": "Dirt"},
          ],
        }
        """;

    [Fact]
    public void Parse_Policy_IsRead()
    {
        GuardPolicy policy = Parse(Json);

        policy.Should().Be(new GuardPolicy("House rules",
            [new("H1", "Noise") { ShouldNot = ["Shout."], Can = ["Whisper.", "Sing."], Should = ["Listen."] }, new("H2", "Dirt")]));
    }

    [Theory]
    [InlineData("", "*not valid JSON: line 1*")]
    [InlineData("[]", "the policy must be an object*")]
    [InlineData("{}", "*no name*")]
    [InlineData("""{"name": "x"}""", "*no categories*")]
    [InlineData("""{"name": "x", "categories": {}}""", "categories must be an array*")]
    [InlineData("""{"name": "x", "categories": []}""", "*1 to 64 categories*")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1"}]}""", "categories[0] has no name.")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1", "name": "a", "can": "b"}]}""", "categories[0].can must be an array*")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1", "name": "a", "can": [1]}]}""", "categories[0].can[0] must be a string*")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1", "name": "a", "can": ["a\nb"]}]}""", "*one line*")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1", "name": "a", "can": ["\ud800"]}]}""", "*surrogate*")]
    [InlineData("""{"name": "x", "categories": [{"code": "h1", "name": "a"}]}""", "*capital letter*")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1", "name": "a"}, {"code": "H1", "name": "b"}]}""", "*occurs twice*")]
    [InlineData("""{"name": "x", "categories": [{"code": "H1", "name": "a", "colour": 1}]}""", "*unknown member 'colour'*")]
    [InlineData("""{"name": "x", "name": "y"}""", "*not valid JSON*")]
    [InlineData("""{"name": [[[[[[[[[1]]]]]]]]]}""", "*not valid JSON*")]
    public void Parse_Malformed_SaysWhere(string json, string message) =>
        FluentActions.Invoking(() => Parse(json)).Should().Throw<GuardException>().WithMessage(message);

    [Fact]
    public void Parse_TooLarge_IsRefused()
    {
        FluentActions.Invoking(() => Parse(new string(' ', GuardPolicy.MaxFileByteSize + 1))).Should().Throw<GuardException>().WithMessage("*1,048,576*");
        string many = string.Join(',', Enumerable.Repeat("\"a\"", GuardCategory.MaxGuidelineCount + 1));
        FluentActions.Invoking(() => Parse($$"""{"name": "x", "categories": [{"code": "H1", "name": "a", "can": [{{many}}]}]}""")).Should().Throw<GuardException>().WithMessage("*65 items*");
    }

    // Mutated policies are read, or refused with an exception of the library; nothing else.
    [Fact]
    public void Parse_MutatedPolicies_NeverFailOtherwise() => Gen.Select(Gen.Int[0, Json.Length - 1], Gen.Byte, Gen.Int[0, Json.Length - 1]).Sample((place, value, length) =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Json);
        bytes[place] = value;
        try
        {
            GuardPolicy.Parse(bytes.AsMemory(0, value % 2 == 0 ? bytes.Length : length)).Categories.Should().NotBeEmpty();
        }
        catch (GuardException exception)
        {
            exception.Message.Should().NotBeEmpty();
        }
    });

    [Fact]
    public void Load_File_IsRead()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, Json);

        GuardPolicy policy = GuardPolicy.Load(path);
        File.Delete(path);

        policy.Should().Be(Parse(Json));
    }

    [Fact]
    public void AcceptableUse_Policy_HasCategoriesOfBothForms()
    {
        GuardPolicy.AcceptableUse.Categories.Should().HaveCount(17).And.OnlyContain(category => category.ShouldNot.Count > 0);
        GuardPolicy.Published.Categories.Select(category => category.Code).Should().Equal("O1", "O2", "O3", "O4", "O5", "O6");
    }

    private static GuardPolicy Parse(string json) => GuardPolicy.Parse(Encoding.UTF8.GetBytes(json));
}
