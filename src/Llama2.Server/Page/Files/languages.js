// @ts-check
// What the tokenizer knows of each language.

/** @import { Language } from "./highlight.js" */

/** @type {[string, string][]} */
const slashStar = [["/*", "*/"]];
const c = "auto break case char const continue default do double else enum extern float for goto if inline int long register return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false NULL nullptr";

/** @type {Language[]} */
export const languages = [
  {
    names: ["js", "javascript", "jsx", "mjs", "ts", "typescript", "tsx"], lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"], blockQuotes: ["`"],
    keywords: "abstract any as async await boolean break case catch class const continue debugger default delete do else enum export extends false finally for from function get if implements import in instanceof interface is keyof let namespace never new null number of private protected public readonly return satisfies set static string super switch this throw true try type typeof undefined unknown var void while with yield",
  },
  {
    names: ["py", "python", "python3"], lineComments: ["#"], quotes: ["\"", "'"], blockQuotes: ["\"\"\"", "'''"],
    keywords: "and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield",
  },
  {
    names: ["cs", "csharp", "c#"], lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"], blockQuotes: ["\"\"\""],
    keywords: "abstract as async await base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false file finally fixed float for foreach get goto if implicit in init int interface internal is lock long namespace new not null object operator or out override params partial private protected public readonly record ref required return sbyte sealed set short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using value var virtual void volatile when where while with yield",
  },
  {
    names: ["java", "kotlin", "kt", "scala"], lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"], blockQuotes: ["\"\"\""],
    keywords: "abstract assert boolean break byte case catch char class const continue data def default do double else enum extends false final finally float for fun if implements import in instanceof int interface is long match native new null object open override package private protected public record return sealed short static super switch synchronized this throw throws trait transient true try val var void volatile when while yield",
  },
  { names: ["c", "h"], lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"], keywords: `${c} #include #define #ifdef #ifndef #endif` },
  {
    names: ["cpp", "c++", "cc", "cxx", "hpp"], lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"],
    keywords: `${c} catch class concept constexpr consteval decltype delete explicit final friend mutable namespace new noexcept operator override private protected public requires template this throw try typename using virtual`,
  },
  {
    names: ["go", "golang"], lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"], blockQuotes: ["`"],
    keywords: "any bool break byte case chan const continue default defer else error fallthrough false float32 float64 for func go goto if import int int32 int64 interface map nil package range return rune select string struct switch true type uint var",
  },
  {
    names: ["rust", "rs"], lineComments: ["//"], blockComments: slashStar, quotes: ["\""],
    keywords: "as async await bool break const continue crate dyn else enum extern f32 f64 false fn for i32 i64 if impl in let loop match mod move mut pub ref return self Self static str struct super trait true type u8 u32 u64 unsafe use usize where while",
  },
  {
    names: ["swift"], lineComments: ["//"], blockComments: slashStar, quotes: ["\""], blockQuotes: ["\"\"\""],
    keywords: "as async await break case catch class continue default defer do else enum extension false fileprivate for func guard if import in init inout internal is let mutating nil open override private protocol public return self static struct super switch throw throws true try var where while",
  },
  {
    names: ["php"], lineComments: ["//", "#"], blockComments: slashStar, quotes: ["\"", "'"],
    keywords: "abstract and array as break callable case catch class clone const continue declare default do echo else elseif empty extends false final finally fn for foreach function global if implements instanceof interface isset match namespace new null or private protected public readonly return static switch throw trait true try use var while xor yield",
  },
  {
    names: ["rb", "ruby"], lineComments: ["#"], quotes: ["\"", "'"],
    keywords: "alias and begin break case class def defined do else elsif end ensure false for if in module next nil not or redo require rescue retry return self super then true undef unless until when while yield",
  },
  {
    names: ["sql", "postgresql", "mysql", "sqlite"], ignoresCase: true, lineComments: ["--"], blockComments: slashStar, quotes: ["'", "\""],
    keywords: "add all alter and as asc begin between by case check column commit constraint create cross database default delete desc distinct drop else end exists false foreign from full grant group having if in index inner insert into is join key left like limit not null offset on or order outer primary references right rollback select set table then true union unique update values view when where with",
  },
  {
    names: ["sh", "bash", "shell", "zsh", "console", "powershell", "ps1"], lineComments: ["#"], quotes: ["\"", "'"],
    keywords: "alias case cd do done echo elif else esac eval exit export fi for function if in local read return select set shift source sudo then until unset while",
  },
  { names: ["json", "jsonc", "json5"], hasKeys: true, lineComments: ["//"], blockComments: slashStar, quotes: ["\"", "'"], keywords: "true false null" },
  { names: ["yaml", "yml"], hasKeys: true, lineComments: ["#"], quotes: ["\"", "'"], keywords: "true false null yes no" },
  { names: ["toml", "ini", "conf", "properties", "dockerfile", "docker", "makefile"], hasKeys: true, lineComments: ["#"], quotes: ["\"", "'"], keywords: "true false FROM RUN COPY ENTRYPOINT CMD ENV WORKDIR EXPOSE ARG" },
  { names: ["html", "xml", "svg", "xaml", "vue", "razor"], isMarkup: true, blockComments: [["<!--", "-->"]], quotes: ["\"", "'"] },
  { names: ["css", "scss", "less"], hasKeys: true, blockComments: slashStar, quotes: ["\"", "'"], keywords: "@media @import @font-face @keyframes @layer @supports important" },
  { names: ["diff", "patch"], isDifference: true },
];
