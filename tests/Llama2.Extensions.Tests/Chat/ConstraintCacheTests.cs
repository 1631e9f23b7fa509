using Llama2.Extensions.Chat;

namespace Llama2.Extensions.Tests.Chat;

public class ConstraintCacheTests
{
    [Fact]
    public void JsonSchema_SameText_IsTheSameConstraint()
    {
        var cache = new ConstraintCache();

        cache.JsonSchema("{\"type\":\"integer\"}").Should().BeSameAs(cache.JsonSchema("{\"type\":\"integer\"}")).And.NotBeSameAs(cache.JsonSchema("{\"type\":\"string\"}"));
        cache.Json().Should().BeSameAs(cache.Json());
        cache.Grammar("root ::= \"a\"").Should().BeSameAs(cache.Grammar("root ::= \"a\""));
        cache.Count.Should().Be(4);
    }

    [Fact]
    public void Get_SameTextOfAnotherKind_IsAnotherConstraint()
    {
        var cache = new ConstraintCache();
        cache.JsonSchema("true");

        cache.Invoking(it => it.Grammar("true")).Should().Throw<OutputConstraintException>();
    }

    [Fact]
    public void JsonSchema_MoreThanTheCount_DropsTheOneThatWasUsedLongestAgo()
    {
        var cache = new ConstraintCache(maxCount: 2);
        OutputConstraint first = cache.JsonSchema("{\"const\":1}"), second = cache.JsonSchema("{\"const\":2}");
        cache.JsonSchema("{\"const\":1}").Should().BeSameAs(first);

        cache.JsonSchema("{\"const\":3}");

        cache.Count.Should().Be(2);
        cache.JsonSchema("{\"const\":1}").Should().BeSameAs(first);
        cache.JsonSchema("{\"const\":2}").Should().NotBeSameAs(second);
    }

    [Fact]
    public void JsonSchema_MoreThanTheLength_DropsAllButTheNewest()
    {
        var cache = new ConstraintCache(maxLength: 30);
        cache.JsonSchema("{\"const\":1}");
        cache.JsonSchema("{\"const\":2}");

        cache.JsonSchema("{\"const\":\"a text of many characters\"}");

        cache.Count.Should().Be(1);
    }

    [Fact]
    public void JsonSchema_Fault_IsThrownEachTimeAndNotKept()
    {
        var cache = new ConstraintCache();

        for (int i = 0; i < 2; i++)
            cache.Invoking(it => it.JsonSchema("{\"type\":\"number\",\"dependencies\":3}")).Should().Throw<OutputConstraintException>();
        cache.Count.Should().Be(0);
    }

    [Fact]
    public void JsonSchema_ManyThreads_GetOneConstraint()
    {
        var cache = new ConstraintCache();
        var found = new OutputConstraint[64];

        Parallel.For(0, found.Length, i => found[i] = cache.JsonSchema("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}"));

        found.Distinct().Should().ContainSingle();
    }
}
