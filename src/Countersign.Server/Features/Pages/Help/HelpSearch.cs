using System.Text;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>Finds articles by words; in Chinese, which writes no spaces, by pairs of characters.</summary>
internal sealed class HelpSearch(IReadOnlyList<HelpArticle> articles)
{
    /// <summary>More of a question is not read.</summary>
    public const int LongestQuestion = 100;

    private const int TitleWeight = 3;

    /// <summary>What has less than this part of the best one's weight shares only everyday words with the question.</summary>
    private const double LeastPart = 0.25;

    private const int ShortestWord = 3;

    private const char FirstHan = '\u2e80';

    private readonly (HelpArticle Article, string Title, string Words)[] _texts =
    [
        .. articles.Select(a => (a, Fold(a.Title), Fold(a.Words))),
    ];

    public IReadOnlyList<HelpArticle> Find(string asked)
    {
        var terms = Terms(Fold(asked.Length > LongestQuestion ? asked[..LongestQuestion] : asked)).ToHashSet(StringComparer.Ordinal);
        var weights = terms.ToDictionary(t => t, Weight, StringComparer.Ordinal);
        var scored = _texts.Select(t => (t.Article, Score: weights.Sum(w => w.Value * Times(t.Title, t.Words, w.Key))))
            .Where(s => s.Score > 0)
            .ToList();
        var least = scored.Count == 0 ? 0 : scored.Max(s => s.Score) * LeastPart;
        return [.. scored.Where(s => s.Score >= least).OrderByDescending(s => s.Score).Select(s => s.Article)];
    }

    /// <summary>A word in few articles says more than one in all.</summary>
    private double Weight(string term) => 1.0 / Math.Max(1, _texts.Count(t => Times(t.Title, t.Words, term) > 0));

    private static int Times(string title, string words, string term) =>
        (title.Contains(term, StringComparison.Ordinal) ? TitleWeight : 0) + (words.Contains(term, StringComparison.Ordinal) ? 1 : 0);

    private static IEnumerable<string> Terms(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && char.IsLetterOrDigit(text[end]) && text[end] < FirstHan == text[start] < FirstHan)
            {
                end++;
            }

            foreach (var term in text[start] < FirstHan ? [Stem(text[start..end])] : Pairs(text[start..end]))
            {
                if (term.Length >= ShortestWord || (term.Length > 0 && term[0] >= FirstHan))
                {
                    yield return term;
                }
            }

            start = Math.Max(end, start + 1);
        }
    }

    private static IEnumerable<string> Pairs(string run) =>
        run.Length < 2 ? [run] : Enumerable.Range(0, run.Length - 1).Select(i => run.Substring(i, 2));

    /// <summary>One and many are the same to a person who searches.</summary>
    private static string Stem(string word) => word.Length > 3 ? word.TrimEnd('s') : word;

    /// <summary>Full-width and half-width, capital and small letters are the same. What is no Unicode is no word either.</summary>
    private static string Fold(string text) =>
        new string([.. text.Where(c => !char.IsSurrogate(c))]).Normalize(NormalizationForm.FormKC).ToLowerInvariant();
}
