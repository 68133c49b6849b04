"""A static blog generator whose posts compute.

    posts/ --reading--> programs --running--> results --publishing, with typesetting--> pages --> _site/

Read `model` first, the values that cross from one stage to the next and so the glossary, then `pipeline`, the stages in
order, then the `__init__` of the stage that you came for. What a stage gave is kept in `store` under a name that `keys` makes
of all that it could see. `errors` says what an author did wrong, `config` is site.yml. `numerics` is for posts, and needs nothing
else of sitegen.
"""
