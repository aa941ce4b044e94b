using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// Stands on each page that can open a challenge: the browser has its opener's cookie from the first look on, so that two posts
/// which leave together have the same one.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OpensChallengesAttribute() : ServiceFilterAttribute(typeof(OpenerCookie));

/// <summary>Gives a browser its opener's cookie when it looks at a page.</summary>
internal sealed class OpenerCookie(Openers openers) : IPageFilter
{
    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
        // Nothing to do before the page is bound.
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (HttpMethods.IsGet(context.HttpContext.Request.Method))
        {
            openers.Get(context.HttpContext, knownSince: null);
        }
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
        // The cookie is on its way.
    }
}
