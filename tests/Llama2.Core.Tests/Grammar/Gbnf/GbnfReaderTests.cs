using Llama2.Grammar.Gbnf;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Tests.Grammar.Gbnf;

public class GbnfReaderTests
{
    private const string Arithmetic = """
        # sums, left-recursive
        root ::= (sum "=" [ \t]* value "\n")+
        sum  ::= sum [-+*/] value | value
        value ::= name | number | "(" sum ")"   # a group
        name ::= [a-z] [a-z0-9_]*
        number ::= [0-9]+
        """;

    private const string Json = """
        root   ::= object
        value  ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::=
          "{" ws (
              string ":" ws value
            ("," ws string ":" ws value)*
          )? "}" ws
        array  ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,3})? ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    private const string Chess = """
        root ::= (
            # the first pair of moves
            "1. " move " " move "\n"
            ([1-9] [0-9]? ". " move " " move "\n")*
        )
        move ::= (pawn | piece | "O-O" "-O"?) [+#]?
        piece ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
        pawn ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
        """;

    [Theory]
    [InlineData("root ::= \"a\" | \"b\"", "a b", "ab |c")]
    [InlineData("root ::= \"a\" |\n  \"b\"\nother ::= \"c\"", "a b", "c")]
    [InlineData("root ::= x x\nx ::= [0-9]", "12", "1 123")]
    [InlineData("root ::= \"\\x41\\u00e9\\U0001F600\\t\\\"\\\\\\[\\]\\^\"", "Aé😀\t\"\\[]^", "A")]
    [InlineData("root ::= [^a-c\\]-]{2}", "de ^d", "da ]d d- d")]
    [InlineData("root ::= [a-]+", "a-", "b")]
    [InlineData("root ::= . .", "é😀", "a abc")]
    [InlineData("root ::= \"a\"{2} \"b\"{1,} \"c\"{0,2} \"d\"{,1}", "aab aabbbccd", "ab aabccc aa")]
    [InlineData("root ::= (\"ab\"+ \"c\"?)*", "ab ababcab", "c aba")]
    [InlineData("root ::= \"(\" root \")\" | \"\"", "() ((()))", "(() )(")]
    [InlineData("root ::= root \"a\" | \"a\"", "a aaaa", "b ab")]
    [InlineData("root ::= a | b\r\na ::= \"a\" b\r\nb ::= \"b\" a?\r\n", "b ab bab abab", "a bb aba")]
    [InlineData("root ::= x*\nx ::= \"a\" | y\ny ::= \"<\" x{2} \">\"", "a <aa> <a<aa>>a", "<a> <aaa>")]
    [InlineData(Arithmetic, "a=1\n (a+b1)*2=_x\n a=1\nb-2=c\n", "a= (a=1\n a=1", '_')]
    [InlineData(Json, "{\"a\":_[1,_-2.5e+3,_{\"\\u00e9\":_null}],_\"b\":_\"\"} {}", "[1] {\"a\"} {\"a\":01} {\"a\":\"\\x\"}", '_')]
    [InlineData(Chess, "1._e4_e5\n 1._e4_e5\n2._Nf3_O-O\n10._exd8=Q+_Kb1#\n", "1._e9_e5\n 2._e4_e5\n", '_')]
    public void Read_AGrammar_DerivesItsTextsOnly(string grammar, string derived, string others, char blank = '\0')
    {
        foreach ((string list, bool isDerived) in (IEnumerable<(string, bool)>)[(derived, true), (others, false)])
        {
            foreach (string word in list.Split(' '))
            {
                string text = blank == '\0' ? word : word.Replace(blank, ' ');
                GrammarRecognizer.Derives(GbnfReader.Read(grammar, new RegexFactory()), text).Should().Be(isDerived, "{0}", text);
            }
        }
    }

    [Fact]
    public void Read_RulesThatAreRegular_AreOneLexeme()
    {
        GrammarRules rules = GbnfReader.Read(Chess, new RegexFactory()).Build(out _);
        rules.RuleCount.Should().Be(1);
        rules.Lexemes.Should().ContainSingle();
    }

    [Fact]
    public void Read_RulesThatContainThemselves_StayRules()
    {
        GrammarRules rules = GbnfReader.Read(Json, new RegexFactory()).Build(out _);
        // Objects, arrays and values stay rules; strings, numbers and white space become lexemes, joined with their neighbours.
        rules.RuleCount.Should().Be(4);
        rules.Lexemes.Length.Should().BeLessThan(15);
    }

    [Fact]
    public void Read_ARuleThatDoublesAgainAndAgain_IsNotJoinedToOneLexeme()
    {
        string grammar = "root ::= a0\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"a{i} ::= a{i + 1} \"x\" | a{i + 1} \"y\"\n")) + "a40 ::= \"z\"";
        GrammarRules rules = GbnfReader.Read(grammar, new RegexFactory()).Build(out _);
        rules.RuleCount.Should().BeInRange(10, 41);
        GrammarRecognizer.Derives(GbnfReader.Read(grammar, new RegexFactory()), "z" + string.Concat(Enumerable.Repeat("xy", 20))).Should().BeTrue();
    }

    [Theory]
    [InlineData("", 1, 1, "no rule 'root'")]
    [InlineData("a ::= \"b\"", 1, 10, "no rule 'root'")]
    [InlineData("root ::= a\nb ::= \"c\"", 1, 10, "'a' is not defined")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", 2, 1, "defined twice")]
    [InlineData("root = \"a\"", 1, 6, "'::='")]
    [InlineData("root ::= \"a", 1, 12, "not closed")]
    [InlineData("root ::= [a", 1, 12, "not closed")]
    [InlineData("root ::= (\"a\"\n\"b\"", 1, 10, "not closed")]
    [InlineData("root ::= \"a\")", 1, 13, "end of the line")]
    [InlineData("root ::= \"a\"\n  \"b\"", 2, 3, "name of a rule")]
    [InlineData("root ::= \"\\q\"", 1, 11, "escape")]
    [InlineData("root ::= \"\\xZZ\"", 1, 13, "hex digits")]
    [InlineData("root ::= \"\\ud800\"", 1, 11, "not a character")]
    [InlineData("root ::= [b-a]", 1, 11, "reverse")]
    [InlineData("root ::= \"a\"{3,2}", 1, 13, "reverse")]
    [InlineData("root ::= \"a\"{99999999999}", 1, 14, "too large")]
    [InlineData("root ::= * \"a\"", 1, 10, "nothing to repeat")]
    [InlineData("root ::= <think> \"a\"", 1, 10, "tokens")]
    [InlineData("root ::= \"a\" ]", 1, 14, "end of the line")]
    public void Read_AFault_SaysWhatAndWhere(string grammar, int line, int column, string message)
    {
        Action read = () => GbnfReader.Read(grammar, new RegexFactory());
        GbnfException exception = read.Should().Throw<GbnfException>().WithMessage($"*{message}*").Which;
        (exception.Line, exception.Column).Should().Be((line, column));
    }

    [Fact]
    public void Read_DeepGroupsAndManyCounts_AreRefusedByLimits()
    {
        Action groups = () => GbnfReader.Read("root ::= " + new string('(', 100_000), new RegexFactory());
        groups.Should().Throw<GrammarLimitException>();
        Action counts = () => GbnfReader.Read("root ::= \"a\"" + new string('*', 100_000), new RegexFactory());
        counts.Should().Throw<GrammarLimitException>();
        Action states = () => GbnfReader.Read("root ::= (\"(\" root \")\"){1000000}", new RegexFactory());
        states.Should().Throw<GrammarLimitException>();
    }
}
